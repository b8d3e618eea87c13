using System.Reflection;
using System.Text.RegularExpressions;
using Guance.Billing.Platform;
using Guance.Billing.TestKit;
using JasperFx.Events;
using Marten;

namespace Guance.Billing.Architecture.Tests;

/// <summary>Events are kept for ever under the names that modules give them.</summary>
public sealed class EventTests
{
    [Fact]
    public void Every_event_has_a_name_of_its_module() => Misnamed(Code.Product).ShouldBeNone();

    [Fact]
    public void An_event_without_a_name_or_with_anothers_is_found() => Misnamed(Code.Samples).ShouldBeThoseOf(
        "Ordering.Domain.OrderPlaced", "Ordering.Domain.OrderPaid", "Ordering.Domain.OrderForgotten", "Ordering.Domain.OrderArchived");

    [Fact]
    public void Events_are_immutable_records_of_the_domain() => Misshapen(Code.Product).ShouldBeNone();

    [Fact]
    public void An_event_of_another_shape_or_place_is_found() =>
        Misshapen(Code.Samples).ShouldBeThoseOf("Ordering.Domain.OrderPaid", "Ordering.Domain.OrderArchived", "Ordering.Features.OrderCounted");

    [Fact]
    public void Names_of_stored_events_are_as_approved() => Approved.ShouldEqual("events.approved.txt", EventNames(Code.Product), "Others depend on it: deployments of another version, and events that are stored.");

    private static IReadOnlyList<Violation> Misnamed(Code code)
    {
        var named = Named(code);
        var names = named.ToLookup(pair => pair.Name, StringComparer.Ordinal);
        return
        [
            .. from pair in named
               let prefix = Regex.Replace(pair.Module.Name, "(?<=[a-z])(?=[A-Z])", "_").ToLowerInvariant()
               where !Regex.IsMatch(pair.Name, $@"^{prefix}\.[a-z]+(_[a-z]+)*$") || names[pair.Name].Count() > 1
               select new Violation(pair.Event.FullName!, $"is stored as {pair.Name}"),
            .. from type in Applied(code)
               where named.All(pair => pair.Event != type)
               select new Violation(type.FullName!, "has no name to be stored under"),
        ];
    }

    private static IReadOnlyList<Violation> Misshapen(Code code) =>
    [
        .. from type in Named(code).Select(pair => pair.Event).Union(Applied(code))
           from what in Faults(code, type)
           select new Violation(type.FullName!, what),
    ];

    private static IEnumerable<string> Faults(Code code, Type type)
    {
        if (!Regex.IsMatch(type.Namespace!, code.Room("Domain")))
        {
            yield return "is not of the Domain";
        }

        if (!type.IsSealed || type.GetMethod("<Clone>$") is null)
        {
            yield return "is no sealed record";
        }

        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { } set
            && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit))))
        {
            yield return $"{property.Name} can be set";
        }
    }

    private static IEnumerable<string> EventNames(Code code) =>
        Named(code).Select(pair => $"{pair.Name} {pair.Event.Name}").Order(StringComparer.Ordinal);

    /// <summary>The names that modules register.</summary>
    private static IReadOnlyList<(IModule Module, Type Event, string Name)> Named(Code code) =>
    [
        .. from module in code.Modules
           from kept in Registered(module)
           select (module, kept.EventType, kept.EventTypeName),
    ];

    private static IReadOnlyList<IEventType> Registered(IModule module)
    {
        var options = new StoreOptions();
        module.ConfigureMarten(options);
        return [.. ((IReadOnlyStoreOptions)options).Events.AllKnownEventTypes().Where(kept => kept.EventType.Assembly == module.GetType().Assembly)];
    }

    /// <summary>The events that aggregates are made of: what their Create and Apply take.</summary>
    private static IReadOnlyList<Type> Applied(Code code)
    {
        var domain = code.TypesIn(code.Room("Domain"));
        var taken = (
            from type in domain
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            where method.Name is "Create" or "Apply" && (method.ReturnType == type || method.ReturnType == typeof(void))
            where method.GetParameters().Length > 0
            select method.GetParameters()[0].ParameterType).ToHashSet();
        return [.. domain.Where(type => type is { IsClass: true, IsAbstract: false } && taken.Any(take => take.IsAssignableFrom(type)))];
    }
}
