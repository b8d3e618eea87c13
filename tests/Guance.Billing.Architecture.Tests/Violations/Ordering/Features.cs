using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Sites;
using Marten;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Violations.Ordering.Contracts;
using Violations.Ordering.Domain;
using Violations.Shipping.Contracts;
using Violations.Shipping.Domain;

namespace Violations.Ordering.Features;

internal sealed record OrderCounted(int Count);

internal sealed class HoldsParcel
{
    public Parcel? Parcel { get; init; }
}

internal static class MakesParcelInLambda
{
    public static IEnumerable<object> Of(IEnumerable<string> ids) => ids.Select(object (id) => new Parcel(id));
}

internal static class MakesParcelLater
{
    public static async Task<object> OfAsync()
    {
        await Task.Yield();
        return new Parcel("").ToString();
    }
}

internal static class ReadsClockLater
{
    public static Func<Task<long>> Of(string id) => async () =>
    {
        await Task.Yield();
        return DateTime.UtcNow.Ticks + id.Length;
    };
}

internal static class ThrowsDice
{
    public static Guid Of() => Guid.NewGuid();
}

internal static class MakesSecretAtTheEdge
{
    public static string Make() => System.Security.Cryptography.RandomNumberGenerator.GetHexString(32);
}

internal sealed class PlaceOrderHandler : ICommandHandler<Fine>
{
    public Task<Unit> Handle(Fine request, CancellationToken cancellationToken) => Unit.Task;

    public static void Help()
    {
    }
}

internal static class PlaceOrderEndpoint
{
    public static void Map() => PlaceOrderHandler.Help();
}

internal sealed record CancelOrder(string Id) : ICommand;

internal sealed class CancelOrderHandler : ICommandHandler<CancelOrder>
{
    public Task<Unit> Handle(CancelOrder request, CancellationToken cancellationToken)
    {
        PlaceOrderHandler.Help();
        return Unit.Task;
    }
}

internal sealed record CountOrders : IQuery<int>;

internal sealed class CountOrdersHandler(IQuerySession session) : IQueryHandler<CountOrders, int>
{
    public Task<int> Handle(CountOrders request, CancellationToken cancellationToken) => session.Query<Order>().CountAsync(cancellationToken);
}

internal sealed class CountsOrdersHandler(HasSession helper) : IQueryHandler<CountOrders, int>
{
    public Task<int> Handle(CountOrders request, CancellationToken cancellationToken) => Task.FromResult(helper.GetHashCode());
}

internal sealed class HasSession(IDocumentSession session)
{
    public override string ToString() => session.ToString()!;
}

internal sealed class ShipsHandler : ICommandHandler<ShipParcel>
{
    public Task<Unit> Handle(ShipParcel request, CancellationToken cancellationToken) => Unit.Task;
}

internal sealed record Save : ICommand;

internal sealed class SavesHandler(IDocumentSession session) : ICommandHandler<Save>
{
    public async Task<Unit> Handle(Save request, CancellationToken cancellationToken)
    {
        await session.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}

internal static class SavesTables
{
    public static Func<Task> Of(Microsoft.EntityFrameworkCore.DbContext tables) => () => tables.SaveChangesAsync();
}

internal sealed record Send : ICommand;

internal sealed class SendsHandler(IMediator mediator) : ICommandHandler<Send>
{
    public Task<Unit> Handle(Send request, CancellationToken cancellationToken) => mediator.Send(new Save(), cancellationToken);
}

internal sealed record SendByHelper : ICommand<int>;

internal sealed class SendsByHelperHandler(SendingHelper helper) : ICommandHandler<SendByHelper, int>
{
    public Task<int> Handle(SendByHelper request, CancellationToken cancellationToken) => Task.FromResult(helper.GetHashCode());
}

internal sealed class SendingHelper(IServiceScopeFactory scopes)
{
    public override string ToString() => scopes.ToString()!;
}

internal sealed record AskPeer : ICommand;

internal sealed class AsksHandler(IBillingCenter billingCenter) : ICommandHandler<AskPeer>
{
    public async Task<Unit> Handle(AskPeer request, CancellationToken cancellationToken)
    {
        await billingCenter.AskAsync<AsksAlone, string>(new AsksAlone(""), cancellationToken);
        return Unit.Value;
    }
}

internal sealed class ShipsElsewhere : IPolicy<OrderPlacedIntegrationEvent>
{
    public Task When(IReadOnlyList<OrderPlacedIntegrationEvent> events, CancellationToken ct) => Task.CompletedTask;
}

internal sealed class RunsElsewhere : ITickJob
{
    public Task RunAsync(CancellationToken ct) => Task.CompletedTask;
}
