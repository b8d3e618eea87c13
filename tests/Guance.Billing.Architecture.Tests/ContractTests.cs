using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Guance.Billing.TestKit;

namespace Guance.Billing.Architecture.Tests;

/// <summary>What modules and deployments tell each other.</summary>
public sealed class ContractTests
{
    private const BindingFlags Shown = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Fact]
    public void Contracts_are_as_approved() => Approved.ShouldEqual("Contracts.approved.txt", Surface(Code.Product.TypesIn(Code.Product.AnyContracts)), "Others depend on it: deployments of another version, and events that are stored.");

    [Fact]
    public void Every_change_of_a_contract_is_a_difference()
    {
        var one = Surface([typeof(global::Violations.Changes.Before.Told), typeof(global::Violations.Changes.Before.Kind)]).ToArray();
        var other = Surface([typeof(global::Violations.Changes.After.Told), typeof(global::Violations.Changes.After.Kind)])
            .Select(line => line.Replace("After", "Before", StringComparison.Ordinal)).ToArray();

        Approved.Differences(one, one).ShouldBeEmpty();
        Approved.Differences(one, other).ShouldBe(
        [
            "- Violations.Changes.Before.Kind.Small = 0 as small",
            "- Violations.Changes.Before.Told.Note: String",
            "- Violations.Changes.Before.Told.Tags: IReadOnlyList<String>",
            "- Violations.Changes.Before.Told.AskName is told",
            "+ Violations.Changes.Before.Kind.Small = 0 as tiny",
            "+ Violations.Changes.Before.Told.Note: String?",
            "+ Violations.Changes.Before.Told.Tags: IReadOnlyList<String?>",
            "+ Violations.Changes.Before.Told.AskName is said",
        ]);
        Approved.Differences(["a", "b"], ["b", "a"]).ShouldBe(["The order of lines differs."]);
    }

    private static IEnumerable<string> Surface(IEnumerable<Type> types) =>
        types.Where(type => type.IsVisible).OrderBy(type => type.FullName, StringComparer.Ordinal).SelectMany(Describe);

    private static IEnumerable<string> Describe(Type type)
    {
        string[] parents = type.IsEnum
            ? []
            : [.. type.GetInterfaces().Where(parent => parent.Namespace is not ("System" or "MediatR")).Select(Name).Order(StringComparer.Ordinal)];
        yield return $"{type.FullName}{(parents.Length > 0 ? " : " : "")}{string.Join(", ", parents)}";
        var fields = type.GetFields(Shown).Where(field => !field.IsSpecialName);
        foreach (var field in fields.OrderBy(field => field.MetadataToken))
        {
            var alias = field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name;
            var value = type.IsEnum ? Convert.ToInt64(field.GetValue(null), null) : field.GetValue(null);
            yield return $"{type.FullName}.{field.Name} = {value}{(alias is null ? "" : $" as {alias}")}";
        }

        // In the order of declaration: that of the arguments.
        foreach (var property in type.GetProperties(Shown).OrderBy(property => property.MetadataToken))
        {
            yield return property.GetMethod!.IsStatic
                ? $"{type.FullName}.{property.Name} is {property.GetValue(null)}"
                : $"{type.FullName}.{property.Name}: {Name(new NullabilityInfoContext().Create(property))}";
        }

        var methods = type.GetMethods(Shown)
            .Where(method => !method.IsSpecialName && method.GetCustomAttribute<CompilerGeneratedAttribute>() is null);
        foreach (var method in methods)
        {
            yield return $"{type.FullName}.{method}";
        }
    }

    private static string Name(NullabilityInfo info)
    {
        var isNullable = info.ReadState is NullabilityState.Nullable;
        if (Nullable.GetUnderlyingType(info.Type) is { } underlying)
        {
            return $"{Name(underlying)}?";
        }

        var name = info.Type.IsGenericType ? $"{Bare(info.Type)}<{string.Join(", ", info.GenericTypeArguments.Select(Name))}>" : info.Type.Name;
        return isNullable ? $"{name}?" : name;
    }

    private static string Name(Type type) =>
        type.IsGenericType ? $"{Bare(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;

    private static string Bare(Type type) => type.Name.Split('`')[0];
}
