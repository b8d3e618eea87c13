using Guance.Billing.Platform;
using Marten;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Violations.Ordering.Features;

namespace Violations.Ordering.Domain;

internal sealed record Order(string Id, int Count)
{
    public static Order Create(OrderPlaced e) => new(e.OrderId, 0);

    public static Order Apply(OrderCancelled e, Order order) => order with { Count = e.Count };

    public Order Apply(OrderArchived e) => this with { Count = e.Count };

    public static Order Apply(IChange e, Order order) => order with { Count = e.Count };
}

internal interface IChange
{
    int Count { get; }
}

internal sealed record OrderPlaced(string OrderId);

internal sealed record OrderCancelled(int Count);

internal sealed record OrderForgotten(int Count) : IChange;

internal sealed record OrderPaid(decimal Amount)
{
    public string? Note { get; set; }
}

internal sealed class OrderArchived
{
    public int Count { get; init; }
}

internal sealed record KnowsSession(IDocumentSession Session);

internal sealed record KnowsMediator(IMediator Mediator);

internal sealed record KnowsTables(DbContext Tables);

internal sealed record KnowsLogger(ILogger Logger);

internal sealed record KnowsPlatform(Deployment Deployment);

internal static class KnowsUseCase
{
    public static Type Of() => new PlaceOrderHandler().GetType();
}

internal static class ReadsFiles
{
    public static bool Has(string path) => System.IO.File.Exists(path);
}

internal static class ReadsClock
{
    public static bool IsPast(DateTimeOffset at) => at < DateTimeOffset.UtcNow;
}

internal static class ReadsClockInLambda
{
    public static IEnumerable<DateTimeOffset> Past(IEnumerable<DateTimeOffset> times, TimeSpan by) => times.Where(at => at + by < DateTime.Now);
}

internal static class ReadsClockInSwitch
{
    public static DateTimeOffset Of(object o) => o switch
    {
        string => Local(),
        _ => default,
    };

    private static DateTimeOffset Local()
    {
        return Inner();

        static DateTimeOffset Inner() => TimeProvider.System.GetUtcNow();
    }
}

internal static class TakesClock
{
    public static bool IsPast(DateTimeOffset at, TimeProvider clock) => at < clock.GetUtcNow();
}

internal static class MakesSecret
{
    public static string Make() => System.Security.Cryptography.RandomNumberGenerator.GetHexString(32);
}

internal static class MakesId
{
    public static WorkspaceId Make(TimeProvider clock) => Ids.New<WorkspaceId>(clock);
}

internal static class Rate
{
    public static double Of(decimal amount) => (double)amount;
}

internal static class RoundsOnTheWay
{
    public static long Of(long amount)
    {
        var share = amount * 0.1;
        Math.Round(share);
        return (long)share;
    }
}

internal static class ScalesByTheWay
{
    public static IEnumerable<long> Of(IEnumerable<long> amounts) => amounts.Select(amount => (long)(amount * 0.1));
}
