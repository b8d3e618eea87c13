using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Guance.Billing.Architecture.Tests;

/// <summary>Who may know whom.</summary>
public sealed class BoundaryTests
{
    private const string MediatR = @"^MediatR(\.|$)";

    // Code that is made of values alone: of the BCL all but what talks to the world outside. Types of no namespace are the compiler's.
    private const string PureBcl = @"^$|^System(?!\.(IO|Net|Data|Transactions|Diagnostics\.Process)(\.|$))(\.|$)";

    private const string SharedKernel = @"^Guance\.Billing\.SharedKernel(\.|$)";

    [Fact]
    public void No_module_uses_what_another_keeps_to_itself() => UsesOfInternals(Code.Product).ShouldBeNone();

    [Fact]
    public void A_module_that_uses_anothers_internals_is_found_in_async_code_and_lambdas_too() => UsesOfInternals(Code.Samples).ShouldBeThoseOf(
        "Ordering.Features.HoldsParcel", "Ordering.Features.MakesParcelInLambda", "Ordering.Features.MakesParcelLater", "Ordering.Contracts.ShowsParcel");

    [Fact]
    public void Contracts_are_made_of_the_shared_kernel_MediatR_and_the_BCL() => Impurities(Code.Product).ShouldBeNone();

    [Fact]
    public void Contracts_that_need_more_are_found() =>
        Impurities(Code.Samples).ShouldBeThoseOf("Ordering.Contracts.ShowsParcel", "Ordering.Contracts.ShowsSession", "Ordering.Contracts.ShowsDeployment");

    [Fact]
    public void What_is_common_to_all_modules_knows_none_of_them() => KnowledgeOfModules(Code.Product).ShouldBeNone();

    [Fact]
    public void Common_code_that_knows_a_module_is_found() =>
        KnowledgeOfModules(Code.Samples).ShouldBeThoseOf("SharedKernel.KnowsOrder", "Platform.KnowsContracts", "Sites.KnowsModule");

    [Fact]
    public void Common_code_is_in_layers_and_the_shared_kernel_touches_nothing_outside() => LayerBreaches(Code.Product).ShouldBeNone();

    [Fact]
    public void Common_code_that_looks_up_or_out_is_found() =>
        LayerBreaches(Code.Samples).ShouldBeThoseOf("SharedKernel.KnowsOrder", "SharedKernel.ReadsFiles", "Platform.KnowsSites");

    [Fact]
    public void Only_the_host_knows_the_modules() => KnowledgeOutsideHost(Code.Product).ShouldBeNone();

    [Fact]
    public void A_program_that_goes_past_the_host_is_found() =>
        KnowledgeOutsideHost(Code.Samples).ShouldBeThoseOf("Worker.StartsOrdering", "SharedKernel.KnowsOrder", "Sites.KnowsModule");

    [Fact]
    public void Contracts_have_no_cycles() => Cycles(Code.Product).ShouldBeNone();

    [Fact]
    public void Contracts_that_need_each_other_are_found() => Cycles(Code.Samples).ShouldBeThoseOf("Ordering", "Shipping");

    [Fact]
    public void The_marketplaces_library_and_its_simulator_know_neither_us_nor_each_other() =>
        MarketKnowledge(Code.Product, @"^HuaweiCloud\.Marketplace").ShouldBeNone();

    [Fact]
    public void A_marketplace_that_knows_us_is_found() =>
        MarketKnowledge(Code.Samples, @"^Violations\.Market")
            .ShouldBeThoseOf("Market.KnowsSiteCode", "Market.Simulator.KnowsLibrary", "Market.KnowsSimulator");

    [Fact]
    public void Every_project_of_the_product_is_looked_at()
    {
        var projects = Projects.Read(Code.SourceFolder)
            .Where(project => project.IsProduct && !project.Folder.StartsWith("tools", StringComparison.Ordinal));

        Code.Product.Assemblies.Select(assembly => assembly.GetName().Name).ShouldBe(projects.Select(project => project.Name), ignoreOrder: true);
    }

    [Fact]
    public void Every_module_lives_in_the_namespace_of_its_name() =>
        Code.Product.Modules.Select(module => module.GetType().FullName)
            .ShouldBe(Code.Product.ModuleNames.Select(name => $"Guance.Billing.{name}.{name.Split('.')[^1]}Module"));

    private static IReadOnlyList<Violation> UsesOfInternals(Code code) =>
    [
        .. code.ModuleNames.SelectMany(module => Types().That().ResideInNamespaceMatching(code.Part(Others(code, module)))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(code.Internals(module)))
            .In(code.Architecture)),
    ];

    private static IReadOnlyList<Violation> Impurities(Code code) =>
        code.DependingBeyond(code.AnyContracts, $"{PureBcl}|{MediatR}|{SharedKernel}|{code.AnyContracts}");

    private static IReadOnlyList<Violation> KnowledgeOfModules(Code code) =>
        Types().That().ResideInNamespaceMatching(code.Part("SharedKernel|Platform|Sites"))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(code.AnyModule))
            .In(code.Architecture);

    private static IReadOnlyList<Violation> LayerBreaches(Code code) =>
    [
        .. code.DependingBeyond(code.Part("SharedKernel"), $"{PureBcl}|{MediatR}|{code.Part("SharedKernel")}"),
        .. Types().That().ResideInNamespaceMatching(code.Part("Platform"))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(code.Part("Sites")))
            .In(code.Architecture),
    ];

    private static IReadOnlyList<Violation> KnowledgeOutsideHost(Code code) =>
        Types().That().DoNotResideInNamespaceMatching($"{code.AnyModule}|{code.Part("Host")}")
            .And().ResideInNamespaceMatching($@"^({Regex.Escape(code.Root)}|HuaweiCloud)\.")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(code.AnyInternals))
            .In(code.Architecture);

    private static IReadOnlyList<Violation> Cycles(Code code)
    {
        var arrows = (
            from type in code.Architecture.Types
            let source = ContractsOf(code, type)
            where source is not null
            from target in type.Dependencies.Select(dependency => ContractsOf(code, dependency.Target))
            where target is not null && target != source
            select (From: source, To: target)).ToHashSet();
        return
        [
            .. from module in code.ModuleNames
               where Reached(module, arrows).Contains(module)
               select new Violation(module, "needs Contracts that need its own"),
        ];
    }

    private static HashSet<string> Reached(string module, HashSet<(string From, string To)> arrows)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>([module]);
        while (next.TryDequeue(out var source))
        {
            foreach (var (_, to) in arrows.Where(arrow => arrow.From == source && reached.Add(arrow.To)))
            {
                next.Enqueue(to);
            }
        }

        return reached;
    }

    private static string? ContractsOf(Code code, IType type) =>
        Regex.IsMatch(type.Namespace?.FullName ?? "", code.AnyContracts) ? type.Namespace!.FullName[(code.Root.Length + 1)..].Split('.')[0] : null;

    private static IReadOnlyList<Violation> MarketKnowledge(Code code, string market) =>
    [
        .. Types().That().ResideInNamespaceMatching($@"{market}(\.|$)")
            .Should().NotDependOnAny(Types(true).That().ResideInNamespaceMatching(@"^Guance(\.|$)"))
            .In(code.Architecture),
        .. Types().That().ResideInNamespaceMatching($@"{market}\.Simulator(\.|$)")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"{market}(?!\.Simulator)(\.|$)"))
            .In(code.Architecture),
        .. Types().That().ResideInNamespaceMatching($@"{market}(?!\.Simulator)(\.|$)")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"{market}\.Simulator(\.|$)"))
            .In(code.Architecture),
    ];

    private static string Others(Code code, string module) => string.Join('|', code.ModuleNames.Where(name => name != module));
}
