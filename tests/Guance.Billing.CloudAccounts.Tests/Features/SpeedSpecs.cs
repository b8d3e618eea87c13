using System.Globalization;
using Guance.Billing.TestKit;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>How fast newInstance is answered under load: printed, and asserted only to have gone well (protocol §10.3 asks for a p99 under 3 s).</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class SpeedSpecs(MarketFixture market, ITestOutputHelper output)
{
    private const int CallsPerSecond = 100;
    private const int OrderCount = 12 * CallsPerSecond;

    /// <summary>Of a process that has just started, so not counted.</summary>
    private const int WarmUpCount = 2 * CallsPerSecond;

    [Fact]
    public async Task A_hundred_orders_a_second_are_each_answered_and_become_active()
    {
        market.PollEvery(TimeSpan.FromSeconds(5));
        var start = TimeProvider.System.GetTimestamp();
        var placed = new List<Task<(string OrderId, string OrderLineId, string CustomerId)>>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(1000 / CallsPerSecond));
        while (placed.Count < OrderCount)
        {
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            // Open loop: what became due is placed, whether or not what came before is answered.
            var due = (int)(TimeProvider.System.GetElapsedTime(start).TotalSeconds * CallsPerSecond);
            while (placed.Count < Math.Min(due, OrderCount))
            {
                placed.Add(market.PlaceOrderAsync());
            }
        }

        var orders = (await Task.WhenAll(placed)).Select(order => order.OrderId).ToHashSet(StringComparer.Ordinal);
        await Eventually.Until(async () => await market.KnownCountAsync(orders) == orders.Count, TimeSpan.FromMinutes(2)); // on a busy machine
        market.PollEvery(MarketFixture.PollInterval);
        var took = TimeProvider.System.GetElapsedTime(start);

        var creations = (await market.CallsAsync()).Where(call => call.Text("activity") == "newInstance" && orders.Contains(call.Text("orderId"))).ToArray();
        var times = creations.Skip(WarmUpCount).Select(call => call.GetProperty("durationMs").GetDouble()).Order().ToArray();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{times.Length} newInstance at {CallsPerSecond}/s: p50 {At(0.50):0.0} ms, p90 {At(0.90):0.0} ms, p99 {At(0.99):0.0} ms, slowest {times[^1]:0.0} ms; all active after {took.TotalSeconds:0.0} s"));
        creations.Length.ShouldBe(orders.Count);
        creations.Select(call => call.Text("resultCode")).Distinct().ShouldBe(["000004"]);

        double At(double share) => times[(int)(share * (times.Length - 1))];
    }
}
