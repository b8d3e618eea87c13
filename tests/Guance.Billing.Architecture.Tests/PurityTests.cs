using System.Text.RegularExpressions;
using Mono.Cecil;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Cil = Mono.Cecil.Cil;

namespace Guance.Billing.Architecture.Tests;

/// <summary>What the heart of a module is made of, and what it must not ask.</summary>
public sealed class PurityTests
{
    private static readonly string[] Clocks =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today",
        "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.TimeProvider.get_System", "System.Environment.get_TickCount", "System.Environment.get_TickCount64", "System.Diagnostics.Stopwatch.",
    ];

    // Secrets need randomness; they are made at the edge of a use case, by RandomNumberGenerator.
    private static readonly string[] Dice = ["System.Random.", "System.Guid.NewGuid", "System.Guid.CreateVersion7"];

    private static readonly string[] AnyChance = [.. Dice, "System.Security.Cryptography.RandomNumberGenerator.", "Guance.Billing.SharedKernel.Ids.New"];

    [Fact]
    public void The_domain_is_made_of_values_alone() => Impurities(Code.Product).ShouldBeNone();

    [Fact]
    public void A_domain_that_knows_storage_plumbing_or_use_cases_is_found() => Impurities(Code.Samples).ShouldBeThoseOf(
        "Ordering.Domain.KnowsSession", "Ordering.Domain.KnowsMediator", "Ordering.Domain.KnowsTables",
        "Ordering.Domain.KnowsLogger", "Ordering.Domain.KnowsPlatform",
        "Ordering.Domain.KnowsUseCase", "Ordering.Domain.ReadsFiles");

    [Fact]
    public void No_module_reads_the_ambient_clock_or_throws_dice() => Ambience(Code.Product).ShouldBeNone();

    [Fact]
    public void Ambient_clocks_and_dice_are_found_in_async_code_and_lambdas_too() => Ambience(Code.Samples).ShouldBeThoseOf(
        "Ordering.Domain.ReadsClock", "Ordering.Domain.ReadsClockInLambda", "Ordering.Domain.ReadsClockInSwitch", "Ordering.Features.ReadsClockLater",
        "Ordering.Features.ThrowsDice", "Ordering.Domain.MakesSecret", "Ordering.Domain.MakesId");

    [Fact]
    public void Where_rules_and_money_are_there_is_no_floating_point() => FloatingPoint(Code.Product).ShouldBeNone();

    [Fact]
    public void Floating_point_is_found() =>
        FloatingPoint(Code.Samples)
            .ShouldBeThoseOf("Ordering.Domain.Rate", "Ordering.Domain.RoundsOnTheWay", "Ordering.Domain.ScalesByTheWay", "Ordering.Contracts.Weighs", "SharedKernel.Share");

    private static IReadOnlyList<Violation> Impurities(Code code) => code.DependingBeyond(
        code.Room("Domain"),
        @"^$|^System(?!\.(IO|Net|Data|Transactions|Diagnostics(?!\.CodeAnalysis)|Threading)(\.|$))(\.|$)|^Guance\.Billing\.SharedKernel(\.|$)"
        + $"|{code.AnyContracts}|{code.Room("Domain")}");

    private static IReadOnlyList<Violation> Ambience(Code code) =>
    [
        .. Calls(code, code.AnyModule, [.. Clocks, .. Dice]),
        .. Calls(code, $"{code.Room("Domain")}|{code.Room("Policies")}|{code.Room("Publishing")}|{code.Room("ReadModels")}|{code.AnyContracts}", AnyChance),
        .. Calls(code, code.Part("SharedKernel"), Clocks),
    ];

    private static IReadOnlyList<Violation> Calls(Code code, string namespaces, IReadOnlyList<string> forbidden) =>
    [
        .. from type in code.Architecture.Types
           where Regex.IsMatch(type.Namespace.FullName, namespaces)
           from call in type.Calls()
           where forbidden.Any(name => name.EndsWith('.') ? call.StartsWith(name, StringComparison.Ordinal) : call == name)
           select new Violation(type.FullName, $"calls {call}"),
    ];

    private static IReadOnlyList<Violation> FloatingPoint(Code code)
    {
        var exact = $"{code.Room("Domain")}|{code.AnyContracts}|{code.Part("SharedKernel")}";
        return
        [
            .. Types().That().ResideInNamespaceMatching(exact)
                .Should().NotDependOnAny(Types(true).That().HaveFullNameMatching(@"^System\.(Double|Single|Half)$"))
                .In(code.Architecture),
            .. Reckoning(code, exact),
        ];
    }

    /// <summary>What is only reckoned with, and held nowhere, is seen in the instructions alone.</summary>
    private static IReadOnlyList<Violation> Reckoning(Code code, string namespaces) =>
    [
        .. from assembly in code.Assemblies
           from type in ModuleDefinition.ReadModule(assembly.Location).GetTypes()
           let outer = Outermost(type)
           where Regex.IsMatch(outer.Namespace, namespaces)
           from method in type.Methods
           where method.HasBody
           from instruction in method.Body.Instructions
           where instruction.OpCode.Code is Cil.Code.Ldc_R4 or Cil.Code.Ldc_R8 or Cil.Code.Conv_R4 or Cil.Code.Conv_R8 or Cil.Code.Conv_R_Un
               || (instruction.Operand is MethodReference called && Regex.IsMatch(called.FullName, @"\bSystem\.(Double|Single|Half)\b"))
           select new Violation(outer.FullName, $"reckons in {method.Name}: {instruction}"),
    ];

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
