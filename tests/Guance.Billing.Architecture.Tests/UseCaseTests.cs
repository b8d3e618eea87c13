using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Dependencies;
using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Sites;
using HuaweiCloud.Marketplace;
using Marten;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Guance.Billing.Architecture.Tests;

/// <summary>Commands, queries, policies and jobs: where they are, and what each may do.</summary>
public sealed class UseCaseTests
{
    /// <summary>By these a handler could send something, or wait for somebody, within its transaction.</summary>
    private static readonly Type[] Senders =
    [
        typeof(IMediator), typeof(IServiceProvider), typeof(IServiceScopeFactory), typeof(IBillingCenter), typeof(HuaweiMarketplaceClient),
        typeof(HttpClient), typeof(IHttpClientFactory),
    ];

    private static readonly Type[] Writers = [typeof(IDocumentSession), typeof(IDocumentStore), typeof(UnitOfWork), typeof(IMediator)];

    [Fact]
    public void A_use_case_does_not_use_another() => UsesOfOtherSlices(Code.Product).ShouldBeNone();

    [Fact]
    public void A_use_case_that_uses_another_is_found() =>
        UsesOfOtherSlices(Code.Samples).ShouldBeThoseOf("Ordering.Features.CancelOrderHandler", "Ordering.Domain.KnowsUseCase");

    [Fact]
    public void Every_message_has_one_handler_in_the_module_that_owns_it() => Unhandled(Code.Product).ShouldBeNone();

    [Fact]
    public void A_message_with_no_handler_or_two_or_anothers_is_found() =>
        Unhandled(Code.Samples).ShouldBeThoseOf(
            "Ordering.Contracts.Forgotten", "Ordering.Features.CountOrders", "Shipping.Contracts.ShipParcel", "Ordering.Contracts.AsksAlone");

    [Fact]
    public void No_module_saves() => Saves(Code.Product).ShouldBeNone();

    [Fact]
    public void A_handler_that_saves_is_found() => Saves(Code.Samples).ShouldBeThoseOf("Ordering.Features.SavesHandler", "Ordering.Features.SavesTables");

    [Fact]
    public void A_command_handler_sends_nothing_and_waits_for_nobody() => SendingHandlers(Code.Product).ShouldBeNone();

    [Fact]
    public void A_command_handler_that_sends_is_found_behind_a_helper_too() =>
        SendingHandlers(Code.Samples).ShouldBeThoseOf(
            "Ordering.Features.SendsHandler", "Ordering.Features.SendsByHelperHandler", "Ordering.Features.AsksHandler");

    [Fact]
    public void A_query_handler_cannot_write() => WritingQueries(Code.Product).ShouldBeNone();

    [Fact]
    public void A_query_handler_that_can_write_is_found() => WritingQueries(Code.Samples).ShouldBeThoseOf("Ordering.Features.CountsOrdersHandler");

    [Fact]
    public void Policies_live_in_their_room_and_hold_no_rules() => Policies(Code.Product).ShouldBeNone();

    [Fact]
    public void A_policy_elsewhere_or_with_rules_is_found() => Policies(Code.Samples)
        .ShouldBeThoseOf("Ordering.Features.ShipsElsewhere", "Ordering.Policies.KnowsDomain", "Ordering.Policies.NoPolicy");

    [Fact]
    public void Jobs_live_in_their_room_and_are_ticks() => Jobs(Code.Product).ShouldBeNone();

    [Fact]
    public void A_job_elsewhere_or_of_another_kind_is_found() =>
        Jobs(Code.Samples).ShouldBeThoseOf("Ordering.Features.RunsElsewhere", "Ordering.Jobs.SweepJob", "Ordering.Jobs.Enqueues");

    [Fact]
    public void Nobody_calls_Hangfires_static_doors() => StaticHangfire(Code.Product).ShouldBeNone();

    [Fact]
    public void A_call_of_Hangfires_static_doors_is_found() => StaticHangfire(Code.Samples).ShouldBeThoseOf("Ordering.Jobs.Enqueues", "Platform.SetsStorage");

    [Fact]
    public void Every_integration_event_is_told_by_its_module() => Untold(Code.Product).ShouldBeNone();

    [Fact]
    public void An_integration_event_that_nobody_tells_is_found() => Untold(Code.Samples).ShouldBeThoseOf("Ordering.Contracts.OrderLostIntegrationEvent");

    // A slice is what shares a name: PlaceOrder, PlaceOrderHandler, PlaceOrderEndpoint with all that is nested in them. Messages and what
    // several slices share are free for all; handlers, endpoints and validators are not.
    private static IReadOnlyList<Violation> UsesOfOtherSlices(Code code) =>
    [
        .. from type in code.Architecture.Types
           where Regex.IsMatch(type.Namespace.FullName, code.AnyModule) && !type.Name.EndsWith("Module", StringComparison.Ordinal)
           from target in type.Dependencies.Select(dependency => dependency.Target).Distinct()
           where Regex.IsMatch(target.Namespace?.FullName ?? "", code.Room("Features"))
               && Slice(target) is { } slice && slice != (Slice(type) ?? Outermost(type))
           select new Violation(type.FullName, $"uses {target.FullName}"),
    ];

    /// <summary>The name of the slice that a type is a private part of; null if it is no such part.</summary>
    private static string? Slice(IType type) =>
        Regex.Match(Outermost(type), "^(?<slice>.+?)(Handler|Endpoints?|(Body)?Validator)$") is { Success: true } part ? part.Groups["slice"].Value : null;

    private static string Outermost(IType type) =>
        type.FullName[(type.Namespace.FullName.Length + 1)..].Split('+', '/')[0];

    private static IReadOnlyList<Violation> Unhandled(Code code)
    {
        var types = code.TypesIn(code.AnyModule);
        var handlers = types.Where(type => type is { IsClass: true, IsAbstract: false })
            .SelectMany(type => type.GetInterfaces().Where(face => Is(face, typeof(IRequestHandler<,>))), (type, face) => (Handler: type, Message: face.GetGenericArguments()[0]))
            .ToLookup(pair => pair.Message, pair => pair.Handler);
        return
        [
            .. from message in types
               where message is { IsInterface: false, IsAbstract: false } && message.GetInterfaces().Any(face => Is(face, typeof(IRequest<>)))
               let owner = Owner(code, message)
               where handlers[message].Count() != 1 || Owner(code, handlers[message].Single()) != owner
               select new Violation(message.FullName!, $"is handled by {string.Join(", ", handlers[message].DefaultIfEmpty())}"),
            .. from message in types
               where message.GetInterfaces().Any(face => Is(face, typeof(IRequest<>)))
                   && message.GetInterfaces().Count(face => Is(face, typeof(ICommand<>)) || Is(face, typeof(IQuery<>))) != 1
               select new Violation(message.FullName!, "is neither a command nor a query, or both"),
        ];
    }

    private static IReadOnlyList<Violation> Saves(Code code) =>
    [
        .. from type in code.Architecture.Types
           where Regex.IsMatch(type.Namespace.FullName, code.AnyModule)
           from call in type.Calls()
           where Regex.IsMatch(call, @"\.SaveChanges(Async)?$")
           select new Violation(type.FullName, $"calls {call}"),
    ];

    private static IReadOnlyList<Violation> SendingHandlers(Code code) => Needing(code, type => type.GetInterfaces().Any(IsCommandHandler), Senders);

    private static IReadOnlyList<Violation> WritingQueries(Code code) =>
        Needing(code, type => type.GetInterfaces().Any(face => Is(face, typeof(IQueryHandler<,>))), Writers);

    private static IReadOnlyList<Violation> Needing(Code code, Func<Type, bool> subjects, IReadOnlyList<Type> forbidden) =>
    [
        .. from type in code.TypesIn(code.AnyInternals)
           where subjects(type)
           from need in Needs.Of(code, type.GetConstructors().SelectMany(constructor => constructor.GetParameters())).Intersect(forbidden)
           select new Violation(type.FullName!, $"is given {need.Name}"),
    ];

    private static IReadOnlyList<Violation> Policies(Code code) =>
    [
        .. from type in code.TypesIn(code.AnyModule)
           where type is { IsClass: true, IsNested: false }
           let isPolicy = type.GetInterfaces().Any(face => Is(face, typeof(IPolicy<>)))
           where isPolicy != Regex.IsMatch(type.Namespace!, code.Room("Policies"))
           select new Violation(type.FullName!, isPolicy ? "is a policy outside Policies" : "is no policy"),
        .. Types().That().ResideInNamespaceMatching(code.Room("Policies"))
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(code.Room("Domain")))
            .In(code.Architecture),
    ];

    private static IReadOnlyList<Violation> Jobs(Code code) =>
    [
        .. from type in code.TypesIn(code.AnyModule)
           where typeof(ITickJob).IsAssignableFrom(type) && !Regex.IsMatch(type.Namespace!, code.Room("Jobs"))
           select new Violation(type.FullName!, "is a job outside Jobs"),
        .. from type in code.TypesIn(code.Room("Jobs"))
           where type.Name.EndsWith("Job", StringComparison.Ordinal) && !typeof(ITickJob).IsAssignableFrom(type)
           select new Violation(type.FullName!, "is no ITickJob"),
        .. Types().That().ResideInNamespaceMatching(code.AnyModule)
            .Should().NotDependOnAny(Types(true).That().ResideInNamespaceMatching(@"^Hangfire(\.|$)"))
            .In(code.Architecture),
    ];

    private static IReadOnlyList<Violation> StaticHangfire(Code code) =>
    [
        .. from type in code.Architecture.Types
           where type.Namespace.FullName.StartsWith($"{code.Root}.", StringComparison.Ordinal)
           from call in type.Calls()
           where Regex.IsMatch(call, @"^Hangfire\.((BackgroundJob|RecurringJob)\.|JobStorage\.[gs]et_Current$|GlobalConfiguration\.get_Configuration$)")
           select new Violation(type.FullName, $"calls {call}"),
    ];

    private static IReadOnlyList<Violation> Untold(Code code)
    {
        var made = (
            from type in code.Architecture.Types
            where Regex.IsMatch(type.Namespace.FullName, code.Room("Publishing"))
            from call in type.Dependencies.OfType<MethodCallDependency>()
            where call.TargetMember.Name.StartsWith(".ctor", StringComparison.Ordinal)
            select (Module: type.Namespace.FullName.Split('.')[^2], call.Target.FullName)).ToHashSet();
        return
        [
            .. from type in code.TypesIn(code.AnyContracts)
               where type.IsClass && typeof(IIntegrationEvent).IsAssignableFrom(type) && !made.Contains((Owner(code, type), type.FullName!))
               select new Violation(type.FullName!, "is made nowhere in Publishing"),
        ];
    }

    private static string Owner(Code code, Type type) => type.Namespace![(code.Root.Length + 1)..].Split('.')[0];

    private static bool IsCommandHandler(Type face) => Is(face, typeof(ICommandHandler<,>)) || Is(face, typeof(ICommandHandler<>));

    private static bool Is(Type face, Type generic) => face.IsGenericType && face.GetGenericTypeDefinition() == generic;
}
