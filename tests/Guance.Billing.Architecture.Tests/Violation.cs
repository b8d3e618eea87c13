using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Fluent;
using Loaded = ArchUnitNET.Domain.Architecture;

namespace Guance.Billing.Architecture.Tests;

/// <summary>One breach of a rule.</summary>
/// <param name="Who">The full name of the type, project or endpoint.</param>
/// <param name="What">What it does.</param>
internal sealed record Violation(string Who, string What);

internal static class Findings
{
    /// <summary>What breaks the rule. A rule that finds nothing to look at is broken, too.</summary>
    public static IReadOnlyList<Violation> In(this IArchRule rule, Loaded architecture) =>
    [
        .. rule.Evaluate(architecture).Where(result => !result.Passed)
            .Select(result => new Violation((result.EvaluatedObject as IHasName)?.FullName ?? "nothing", result.Description)),
    ];

    /// <summary>
    /// The types of these namespaces that depend on anything but those that are allowed. (OnlyDependOn of the library sees no types of
    /// packages.)
    /// </summary>
    public static IReadOnlyList<Violation> DependingBeyond(this Code code, string namespaces, string allowed)
    {
        var subjects = code.Architecture.Types.Where(type => Regex.IsMatch(type.Namespace.FullName, namespaces)).ToArray();
        subjects.ShouldNotBeEmpty();
        return
        [
            .. from type in subjects
               from target in type.Dependencies.Select(dependency => dependency.Target).Distinct()
               where target is not GenericParameter && !Regex.IsMatch(target.Namespace?.FullName ?? "", allowed)
               select new Violation(type.FullName, $"depends on {target.FullName}"),
        ];
    }

    /// <summary>The methods that a type calls, as <c>Namespace.Type.Method</c>.</summary>
    public static IReadOnlyList<string> Calls(this IType type) =>
    [
        .. type.Dependencies.OfType<MethodCallDependency>()
            .Select(call => $"{call.Target.FullName}.{call.TargetMember.Name.Split('(')[0]}").Distinct(StringComparer.Ordinal),
    ];

    /// <summary>The product keeps the rule.</summary>
    public static void ShouldBeNone(this IReadOnlyList<Violation> violations) =>
        Assert.True(violations.Count == 0, Text(violations));

    /// <summary>The samples break the rule: these do, and no others.</summary>
    /// <param name="violations">What was found.</param>
    /// <param name="who">Names without the samples' root.</param>
    public static void ShouldBeThoseOf(this IReadOnlyList<Violation> violations, params string[] who) =>
        violations.Select(violation => violation.Who.Replace("Violations.", "", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)
            .ShouldBe(who, ignoreOrder: true, Text(violations));

    private static string Text(IReadOnlyList<Violation> violations) => string.Join('\n', violations.Select(violation => $"{violation.Who} {violation.What}"));
}
