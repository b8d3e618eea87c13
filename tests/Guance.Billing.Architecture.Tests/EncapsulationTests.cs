using Microsoft.AspNetCore.Components;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Guance.Billing.Platform;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Guance.Billing.Architecture.Tests;

/// <summary>What a module shows, and in what form; and what nobody keeps.</summary>
public sealed class EncapsulationTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // A process may hold several deployments, so nothing static may change; these types change by their nature.
    private static readonly Type[] Changeable =
    [
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(Queue<>), typeof(Stack<>),
        typeof(SortedDictionary<,>), typeof(SortedSet<>), typeof(LinkedList<>),
        typeof(System.Collections.Concurrent.ConcurrentDictionary<,>), typeof(System.Collections.Concurrent.ConcurrentQueue<>),
        typeof(System.Collections.Concurrent.ConcurrentBag<>), typeof(System.Collections.Concurrent.ConcurrentStack<>),
        typeof(ConditionalWeakTable<,>), typeof(AsyncLocal<>), typeof(ThreadLocal<>), typeof(Random), typeof(System.Text.StringBuilder), typeof(HttpClient),
    ];

    [Fact]
    public void A_module_shows_one_type_its_module() => ShownTypes(Code.Product).ShouldBeNone();

    [Fact]
    public void A_module_that_shows_more_is_found() => ShownTypes(Code.Samples).ShouldBeThoseOf("Ordering.Shown", "Shipping");

    [Fact]
    public void Classes_of_a_module_are_sealed_or_static() => OpenClasses(Code.Product).ShouldBeNone();

    [Fact]
    public void A_class_that_can_be_inherited_is_found() => OpenClasses(Code.Samples).ShouldBeThoseOf("Ordering.Unsealed", "Ordering.Unsealed+Nested");

    [Fact]
    public void Contracts_are_immutable_records_without_methods() => Changeables(Code.Product).ShouldBeNone();

    [Fact]
    public void Contracts_that_can_change_or_do_something_are_found() => Changeables(Code.Samples).ShouldBeThoseOf(
        "Ordering.Contracts.NoRecord", "Ordering.Contracts.Unsealed", "Ordering.Contracts.Settable",
        "Ordering.Contracts.WithList",
        "Ordering.Contracts.WithArray", "Ordering.Contracts.WithMethod");

    [Fact]
    public void Nothing_static_can_change() => StaticState(Code.Product.Types).ShouldBeNone();

    [Fact]
    public void Static_state_is_found() => StaticState(Code.Samples.TypesIn(@"^Violations(\.|$)")).ShouldBeThoseOf(
        "Platform.StaticState.count", "Platform.StaticState.<Current>k__BackingField", "Platform.StaticState.Seen", "Platform.StaticState.perThread");

    private static IReadOnlyList<Violation> ShownTypes(Code code)
    {
        var shown = code.TypesIn(code.AnyInternals).Where(type => type.IsVisible && !IsMigration(type) && !IsPage(type)).ToArray();
        return
        [
            .. shown.Where(type => !typeof(IModule).IsAssignableFrom(type)).Select(type => new Violation(type.FullName!, "is public")),
            .. from module in code.ModuleNames
               let count = shown.Count(type => typeof(IModule).IsAssignableFrom(type) && Regex.IsMatch(type.Namespace!, code.Internals(module)))
               where count != 1
               select new Violation(module, $"has {count} types that implement IModule"),
        ];
    }

    /// <summary>Razor makes public classes that can be inherited, and one of the imports of each folder.</summary>
    private static bool IsPage(Type type) => typeof(IComponent).IsAssignableFrom(type) || type.Name == "_Imports";

    private static IReadOnlyList<Violation> OpenClasses(Code code) =>
    [
        .. from type in code.TypesIn(code.AnyInternals)
           where type is { IsClass: true, IsSealed: false } && !IsMigration(type) && !IsPage(type)
           select new Violation(type.FullName!, "is not sealed"),
    ];

    private static IReadOnlyList<Violation> Changeables(Code code) =>
    [
        .. from type in code.TypesIn(code.AnyContracts)
           from what in ChangeableParts(type)
           select new Violation(type.FullName!, what),
    ];

    private static IEnumerable<string> ChangeableParts(Type type)
    {
        if (type.IsEnum)
        {
            yield break;
        }

        if (type.IsClass && !(type.IsSealed && type.GetMethod("<Clone>$") is not null))
        {
            yield return "is not a sealed record";
        }

        foreach (var property in type.GetProperties(Declared))
        {
            if (property.SetMethod is { } set && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)))
            {
                yield return $"{property.Name} can be set";
            }

            if (property.PropertyType is { IsArray: true } || (property.PropertyType is { IsGenericType: true } held && IsChangeable(held)))
            {
                yield return $"{property.Name} can be changed inside";
            }
        }

        foreach (var method in type.GetMethods(Declared & ~BindingFlags.NonPublic))
        {
            if (!method.IsSpecialName && method.GetCustomAttribute<CompilerGeneratedAttribute>() is null)
            {
                yield return $"has the method {method.Name}";
            }
        }
    }

    private static IReadOnlyList<Violation> StaticState(IReadOnlyList<Type> types) =>
    [
        .. from type in types
           where !type.IsEnum
           from field in type.GetFields(Declared & ~BindingFlags.Instance)
           where !field.IsLiteral && !field.Name.StartsWith("<>", StringComparison.Ordinal)
           where !field.IsInitOnly || IsChangeable(field.FieldType) || field.GetCustomAttribute<ThreadStaticAttribute>() is not null
           select new Violation($"{type.FullName}.{field.Name}", "is static and can change"),
    ];

    private static bool IsChangeable(Type type) =>
        Changeable.Contains(type.IsGenericType ? type.GetGenericTypeDefinition() : type)
        || (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(IList<>) || type.GetGenericTypeDefinition() == typeof(ICollection<>)
            || type.GetGenericTypeDefinition() == typeof(IDictionary<,>) || type.GetGenericTypeDefinition() == typeof(ISet<>)));

    /// <summary>Migrations are as the tool of EF Core writes them.</summary>
    private static bool IsMigration(Type type) => typeof(Migration).IsAssignableFrom(type) || typeof(ModelSnapshot).IsAssignableFrom(type);
}
