using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>The verdict codes that a usage record can get (protocol §5.2).</summary>
internal static class UsageVerdicts
{
    private static readonly FrozenDictionary<string, string> Descriptions = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["001"] = "the instance does not exist",
        ["002"] = "a time is not of the form yyyyMMdd'T'HHmmss'Z'",
        ["003"] = "the usage must be above 0 with at most 4 decimals",
        ["004"] = "metering_sn is missing or longer than 64",
        ["005"] = "metering_sn was used before",
        ["006"] = "the product was withdrawn",
        ["007"] = "the record is expired: begin_time is more than 21 days ago",
        ["009"] = "the instance is not this seller's",
        ["010"] = "a record of the same begin_time and end_time exists",
        ["011"] = "bad time range",
        ["012"] = "the instance is not pay-per-use",
        ["013"] = "the instance's state does not allow it",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool Known(string code) => Descriptions.ContainsKey(code);

    public static string Describe(string code) => Descriptions[code];
}

/// <summary>One pushed record with what became of it. Guarded by the market's lock.</summary>
internal sealed class UsageRecord
{
    public required string? MeteringSn { get; init; }
    public required string? InstanceId { get; init; }
    public required string? UsageValue { get; init; }
    public required string? RecordTime { get; init; }
    public required string? BeginTime { get; init; }
    public required string? EndTime { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Instance, begin and end of a record in which these are in order.</summary>
    public (string InstanceId, DateTimeOffset Begin, DateTimeOffset End) Window { get; set; }

    /// <summary>Null while nothing is wrong with it.</summary>
    public string? Code { get; set; }
    public string? Reason { get; set; }
    public DateTimeOffset? CollectedAt { get; set; }

    public string Verdict => Code is not null ? "rejected" : CollectedAt is null ? "pending" : "collected";

    public UsageRecord Copy() => (UsageRecord)MemberwiseClone();
}

/// <summary>
/// All usage records of the market. What is wrong with a record is decided when it arrives; what is right is collected at the
/// next cut-off, after which it cannot be taken back (protocol §5.2). Guarded by the market's lock.
/// </summary>
internal sealed class UsageBook(CollectionCycle cycle)
{
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(21);
    private readonly List<UsageRecord> records = [];
    private readonly List<UsageRecord> pending = [];
    private readonly HashSet<string> serialNumbers = new(StringComparer.Ordinal);
    private readonly HashSet<(string, DateTimeOffset, DateTimeOffset)> windows = [];

    public IReadOnlyList<UsageRecord> Records => records;

    /// <summary>Takes a record, whatever it says, and judges it; <paramref name="forcedCode"/> rejects one that is in order.</summary>
    public UsageRecord Add(JsonElement json, Func<string, Subscription?> find, DateTimeOffset now, string? forcedCode)
    {
        var record = new UsageRecord
        {
            MeteringSn = Text(json, "metering_sn"),
            InstanceId = Text(json, "instance_id"),
            UsageValue = Text(json, "usage_value"),
            RecordTime = Text(json, "record_time"),
            BeginTime = Text(json, "begin_time"),
            EndTime = Text(json, "end_time"),
            ReceivedAt = now,
        };
        var (code, reason) = Judge(record, find, now);
        if (code is null && forcedCode is not null)
            (code, reason) = (forcedCode, UsageVerdicts.Describe(forcedCode) + " (a fault on purpose)");
        record.Code = code;
        record.Reason = reason;
        Keep(record);
        return record;
    }

    /// <summary>Takes records back that were judged before.</summary>
    public void Restore(IEnumerable<UsageRecord> judged)
    {
        foreach (var record in judged)
            Keep(record);
    }

    /// <summary>Collects every record whose first cut-off after its arrival has come.</summary>
    public void Collect(DateTimeOffset now)
    {
        foreach (var record in pending)
        {
            var cutOff = NextCutOff(record.ReceivedAt);
            if (cutOff <= now)
                record.CollectedAt = cutOff;
        }
        pending.RemoveAll(r => r.CollectedAt is not null);
    }

    internal DateTimeOffset NextCutOff(DateTimeOffset after)
    {
        var local = after.ToOffset(WireTime.MarketOffset);
        var (first, step) = cycle == CollectionCycle.Daily
            ? (new DateTimeOffset(local.Date.AddHours(1), WireTime.MarketOffset), TimeSpan.FromDays(1))
            : (new DateTimeOffset(local.Date.AddHours(local.Hour).AddMinutes(15), WireTime.MarketOffset), TimeSpan.FromHours(1));
        return (first > after ? first : first + step).ToUniversalTime();
    }

    private void Keep(UsageRecord record)
    {
        records.Add(record);
        if (record.MeteringSn is not null)
            serialNumbers.Add(record.MeteringSn);
        if (record.Code is not null)
            return;
        windows.Add(record.Window);
        if (record.CollectedAt is null)
            pending.Add(record);
    }

    private (string? Code, string? Reason) Judge(UsageRecord record, Func<string, Subscription?> find, DateTimeOffset now)
    {
        static (string, string) Rejected(string code, string? why = null) => (code, why ?? UsageVerdicts.Describe(code));

        if (record.InstanceId is null || find(record.InstanceId) is not { } subscription)
            return Rejected("001");
        if (!WireTime.TryParseUsage(record.RecordTime, out _) || !WireTime.TryParseUsage(record.BeginTime, out var begin)
            || !WireTime.TryParseUsage(record.EndTime, out var end))
            return Rejected("002");
        if (!IsQuantity(record.UsageValue))
            return Rejected("003");
        if (string.IsNullOrEmpty(record.MeteringSn) || record.MeteringSn.Length > 64)
            return Rejected("004");
        if (serialNumbers.Contains(record.MeteringSn))
            return Rejected("005");
        if (subscription.Order.Product.ChargingMode != "ON_DEMAND")
            return Rejected("012");
        if (subscription.Status == Statuses.Creating)
            return Rejected("013", "the instance is still being created");
        if (begin < now - AgeMax)
            return Rejected("007");
        if (begin > end)
            return Rejected("011", "begin_time is after end_time");
        if (end > now)
            return Rejected("011", "end_time is after the time of the push");
        // Order query shows the order's time in whole seconds, so this is the earliest start that a seller can know.
        if (begin.ToUnixTimeSeconds() < subscription.Order.CreatedAt.ToUnixTimeSeconds())
            return Rejected("011", "begin_time is before the resource's start");
        if (subscription.ClosedAt is { } closed && end > closed)
            return Rejected("011", "end_time is after the instance was closed");
        record.Window = (record.InstanceId, begin, end);
        return windows.Contains(record.Window) ? Rejected("010") : (null, null);
    }

    private static bool IsQuantity(string? text) =>
        text is { Length: <= 20 } && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
        && value > 0 && value.Scale <= 4;

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Null => null,
            _ => value.GetRawText(),
        }
        : null;
}
