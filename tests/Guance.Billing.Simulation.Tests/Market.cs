using System.Globalization;
using System.Text;
using System.Text.Json;
using HuaweiCloud.Marketplace;
using Microsoft.AspNetCore.Http;

namespace Guance.Billing.Simulation.Tests;

/// <summary>One purchase, as the market knows it.</summary>
internal sealed class Purchase(string orderId, string customerId, DateTimeOffset at)
{
    public string OrderId => orderId;

    public string OrderLineId => $"{orderId}-000001";

    public string CustomerId => customerId;

    public DateTimeOffset BoughtAt => at;

    public string? InstanceId { get; set; }

    public bool IsFrozen { get; set; }

    /// <summary>The customer has closed it.</summary>
    public bool IsClosing { get; set; }

    /// <summary>When the seller acknowledged that.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>What was pushed and taken.</summary>
    public decimal Collected { get; set; }

    /// <summary>What the market wants last of the instance; what it wanted before is not tried again.</summary>
    public int LastWish { get; set; }
}

/// <summary>
/// The market: signs calls and tries them until they are acknowledged, lets them overtake each other, and judges pushed usage (protocol §1-§5). Its calls go through
/// the endpoint that deployments have, signatures and all, without a socket.
/// </summary>
internal sealed class Market(Timetable timetable, Scenario scenario, Func<HttpContext, Task> endpoint)
{
    private static readonly TimeSpan RetryMax = TimeSpan.FromHours(1);
    private readonly Dice dice = new(scenario.Seed, "market");
    private readonly Dictionary<string, Purchase> purchases = new(StringComparer.Ordinal);
    private readonly HashSet<string> serialNumbers = new(StringComparer.Ordinal);
    private readonly HashSet<(string Instance, DateTimeOffset Begin, DateTimeOffset End)> windows = [];
    private long lastTimestamp;
    private int calls;
    private DateTimeOffset downFrom = DateTimeOffset.MaxValue;
    private DateTimeOffset downTo = DateTimeOffset.MaxValue;

    public IReadOnlyCollection<Purchase> Purchases => purchases.Values;

    public string Key { get; set; } = "first-key";

    public bool IsCalm { get; set; }

    public bool IsDown => !IsCalm && timetable.Now >= downFrom && timetable.Now < downTo;

    public void PlanOutage()
    {
        downFrom = timetable.Now + dice.UpTo(TimeSpan.FromDays(scenario.Days));
        downTo = downFrom + dice.UpTo(scenario.Weather.MarketDownMax);
    }

    public Purchase Buy(string customerId)
    {
        var purchase = new Purchase($"CS{purchases.Count + 1:D8}", customerId, timetable.Now);
        purchases.Add(purchase.OrderId, purchase);
        Call(purchase, wish: 0, attempt: 1, businessId => new { activity = "newInstance", businessId, orderId = purchase.OrderId, orderLineId = purchase.OrderLineId });
        return purchase;
    }

    public void SetFrozen(Purchase purchase, bool isFrozen)
    {
        purchase.IsFrozen = isFrozen;
        Call(purchase, ++purchase.LastWish, attempt: 1, _ => new { activity = "updateInstanceStatus", instanceId = purchase.InstanceId, status = isFrozen ? "FREEZE" : "UNFREEZE" });
    }

    public void Close(Purchase purchase)
    {
        purchase.IsClosing = true;
        Call(purchase, ++purchase.LastWish, attempt: 1, _ => new { activity = "releaseInstance", orderId = purchase.OrderId, orderLineId = purchase.OrderLineId, instanceId = purchase.InstanceId });
    }

    /// <summary>The order query; null: it does not answer.</summary>
    public Purchase? FindOrder(string orderId) => IsDown || Loses() ? null : purchases[orderId];

    /// <summary>Takes a usage record; answers whether anything is heard, and the code of what is wrong (protocol §5.2).</summary>
    public (bool IsAnswered, string? Code) Push(string serialNumber, string instanceId, DateTimeOffset begin, DateTimeOffset end, decimal amount)
    {
        if (IsDown)
        {
            return (false, null);
        }

        var code = Judge(serialNumber, instanceId, begin, end);
        serialNumbers.Add(serialNumber);
        if (code is null)
        {
            windows.Add((instanceId, begin, end));
            purchases.Values.Single(purchase => purchase.InstanceId == instanceId).Collected += amount;
        }

        return Loses() ? (false, null) : (true, code);
    }

    /// <summary>What an operator sees in the seller's console.</summary>
    public bool Has(string instanceId, DateTimeOffset begin, DateTimeOffset end) => windows.Contains((instanceId, begin, end));

    private string? Judge(string serialNumber, string instanceId, DateTimeOffset begin, DateTimeOffset end)
    {
        var purchase = purchases.Values.FirstOrDefault(one => one.InstanceId == instanceId);
        return purchase is null ? "001"
            : serialNumbers.Contains(serialNumber) ? "005"
            : begin < timetable.Now.AddDays(-21) ? "007"
            : begin > end || end > timetable.Now || begin.ToUnixTimeSeconds() < purchase.BoughtAt.ToUnixTimeSeconds() || end > purchase.ClosedAt ? "011"
            : windows.Contains((instanceId, begin, end)) ? "010"
            : !IsCalm && dice.Chance(scenario.Weather.Rejection) ? "013"
            : null;
    }

    private void Call(Purchase purchase, int wish, int attempt, Func<string, object> body)
    {
        if (wish < purchase.LastWish)
        {
            return;
        }

        var isDone = false;
        if (!IsDown)
        {
            // Signed now; the timestamp tells the true order of what the market says, whatever arrives first.
            var (bytes, query) = Sign(body($"business-{++calls}"));
            var copies = !IsCalm && dice.Chance(scenario.Weather.Duplicate) ? 2 : 1;
            for (var copy = 0; copy < copies; copy++)
            {
                var (sentBytes, sentQuery) = copy == 0 ? (bytes, query) : Sign(body($"business-{++calls}"));
                timetable.In(Transit(), () =>
                {
                    if (Deliver(sentBytes, sentQuery) is ("000000" or "000004") and var code && (code == "000000" || wish > 0))
                    {
                        isDone = true;
                        purchase.ClosedAt ??= purchase.IsClosing && wish == purchase.LastWish ? timetable.Now : null;
                    }
                });
            }
        }

        timetable.In(Retry(attempt), () =>
        {
            if (!isDone)
            {
                Call(purchase, wish, attempt + 1, body);
            }
        });

        string? Deliver(byte[] sent, string query)
        {
            var answer = Ask(sent, query);
            if (answer is null || Loses())
            {
                return null;
            }

            var json = JsonElement.Parse(answer);
            if (wish == 0 && json.TryGetProperty("instanceId", out var instanceId))
            {
                purchase.InstanceId ??= instanceId.GetString();
                if (purchase.InstanceId != instanceId.GetString())
                {
                    throw new ViolationException("one instance a purchase", $"{purchase.OrderId} was answered with {purchase.InstanceId} and with {instanceId}.");
                }
            }

            return json.GetProperty("resultCode").GetString();
        }
    }

    private (byte[] Body, string Query) Sign(object body)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body);
        lastTimestamp = Math.Max(lastTimestamp + 1, timetable.Now.ToUnixTimeMilliseconds());
        var (timestamp, nonce) = (lastTimestamp.ToString(CultureInfo.InvariantCulture), $"nonce-{lastTimestamp}");
        return (bytes, $"?signature={MarketplaceSignature.Make(Key, timestamp, nonce, bytes)}&timestamp={timestamp}&nonce={nonce}");
    }

    /// <summary>The answer's bytes, whose signature holds; null: nobody answers.</summary>
    private byte[]? Ask(byte[] body, string query)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.ContentType = "application/json";
        context.Request.QueryString = new(query);
        context.Request.Body = new MemoryStream(body);
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        // Nothing in it waits for anything.
        endpoint(context).GetAwaiter().GetResult();
        if (context.Response.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            return null;
        }

        var bytes = answer.ToArray();
        var sign = context.Response.Headers["Body-Sign"].ToString();
        return context.Response.StatusCode == StatusCodes.Status200OK && (sign == MarketplaceBodySign.Make("first-key", bytes) || sign == MarketplaceBodySign.Make("second-key", bytes))
            ? bytes
            : throw new ViolationException("every answer is of the protocol", $"HTTP {context.Response.StatusCode}, {Encoding.UTF8.GetString(bytes)}");
    }

    private bool Loses() => !IsCalm && dice.Chance(scenario.Weather.LostAnswer);

    private TimeSpan Transit() => !IsCalm && dice.Chance(scenario.Weather.Late) ? dice.UpTo(scenario.Weather.LateMax) : TimeSpan.FromMilliseconds(dice.Below(500));

    private static TimeSpan Retry(int attempt) => TimeSpan.FromMinutes(Math.Min(Math.Pow(2, attempt), RetryMax.TotalMinutes));
}
