using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator;

internal sealed partial class Market
{
    public IReadOnlyList<InstanceView> Instances()
    {
        lock (gate)
            return [.. subscriptions.Select(View)];
    }

    /// <summary>The newest instances, oldest of them first; with the cursor that came with a page, those before it.</summary>
    public ListOf<InstanceView> Instances(int limit, string? cursor)
    {
        lock (gate)
        {
            var end = subscriptions.Count;
            if (cursor is not null && (!int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out end) || end > subscriptions.Count))
                throw Refusal.BadRequest("cursor-invalid", "cursor must be the nextCursor of another page.");
            var start = Math.Max(0, end - limit);
            return new ListOf<InstanceView>([.. subscriptions[start..end].Select(View)], start == 0 ? null : start.ToString(CultureInfo.InvariantCulture));
        }
    }

    public InstanceView Instance(string id)
    {
        lock (gate)
            return View(Find(id));
    }

    /// <summary>The customer's instance by its id or order line; null: there is none, or it is another's.</summary>
    public InstanceView? FindInstance(string id, string customerId)
    {
        lock (gate)
            return (byInstance.GetValueOrDefault(id) ?? byLine.GetValueOrDefault(id)) is { } found && found.Order.Buyer.CustomerId == customerId ? View(found) : null;
    }

    public IReadOnlyList<OrderView> Orders()
    {
        lock (gate)
        {
            return [.. orders.Values.Select(o => new OrderView(o.OrderId, o.OrderLineId, o.OrderType, o.Product.Name, o.Buyer.CustomerId, o.Buyer.CustomerName,
                o.Buyer.Email, o.CreatedAt, o.ExpireTime, new AmountView(o.Amount.ToString("0.00", CultureInfo.InvariantCulture), options.Currency)))];
        }
    }

    /// <summary>The newest attempts, oldest of them first.</summary>
    public IReadOnlyList<CallView> Calls(string? instanceId, int limit)
    {
        lock (gate)
        {
            // Tries before the seller named the instance are known by their order line.
            var line = instanceId is null ? null : byInstance.GetValueOrDefault(instanceId)?.Order.OrderLineId;
            return [.. log.Where(c => instanceId is null || c.InstanceId == instanceId || (line is not null && c.OrderLineId == line)).TakeLast(limit)];
        }
    }

    public IReadOnlyList<Violation> Violations()
    {
        lock (gate)
            return [.. violations];
    }

    public IReadOnlyList<UsageView> Usage(string? instanceId, int limit)
    {
        lock (gate)
        {
            usage.Collect(Now);
            return [.. usage.Records.Where(r => instanceId is null || r.InstanceId == instanceId).TakeLast(limit).Select(r => new UsageView(
                r.MeteringSn, r.InstanceId, r.UsageValue, Readable(r.BeginTime), Readable(r.EndTime), Readable(r.RecordTime), r.ReceivedAt,
                r.Verdict, r.Code, r.Reason, r.CollectedAt))];
        }
    }

    /// <summary>
    /// The seller's monthly file: every record collected in the month of the market's zone, with the day in which its window ends. No
    /// public page shows the real one's columns (protocol §9).
    /// </summary>
    public string Bill(string month)
    {
        if (!DateTime.TryParseExact(month, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first))
            throw Refusal.BadRequest("month-invalid", "The month is written as 2026-03.");
        var (from, to) = (new DateTimeOffset(first, WireTime.MarketOffset), new DateTimeOffset(first.AddMonths(1), WireTime.MarketOffset));
        var file = new StringBuilder("month,instance_id,day,amount,currency,metering_sn\n");
        lock (gate)
        {
            usage.Collect(Now);
            foreach (var record in usage.Records.Where(r => r.CollectedAt >= from && r.CollectedAt < to))
            {
                // A window that ends at midnight is of the day before.
                var day = record.Window.End.ToOffset(WireTime.MarketOffset).AddTicks(-1);
                file.Append(CultureInfo.InvariantCulture, $"{month},{record.InstanceId},{day:yyyy-MM-dd},{record.UsageValue},{options.Currency},{record.MeteringSn}\n");
            }
        }
        return file.ToString();
    }

    /// <summary>RFC 3339 where the record's time can be read, else as it came.</summary>
    private static object? Readable(string? wire) => WireTime.TryParseUsage(wire, out var at) ? at : wire;

    private static InstanceView View(Subscription s) => new(s.InstanceId, s.Order.OrderId, s.Order.OrderLineId, s.Order.Buyer.CustomerId, s.Order.Buyer.CustomerName,
        s.Order.Buyer.Email, s.Order.Product.Name, s.IsV1 ? "v1" : "v2", s.Status, s.ApplicationInformation, s.UsageInformation, s.Order.CreatedAt, s.RunningAt,
        s.FrozenAt, s.ClosedAt, s.ExpireTime, s.Note);

    private static CallView View(Call call, Answer answer, bool isLost, bool isAcknowledged) => new(
        call.Id, call.Activity, call.IsV1 ? "v1" : "v2", call.Field("instanceId") ?? call.Subscription?.InstanceId ?? (call.IsTest ? null : answer.Text("instanceId")),
        call.Field("orderId") ?? call.Order?.OrderId, call.Field("orderLineId") ?? call.Order?.OrderLineId, call.Attempt, call.IsTest, call.IsDuplicate, call.Reordered,
        DateTimeOffset.FromUnixTimeMilliseconds(call.TimestampMs), answer.SentAt, answer.AnsweredAt, Math.Round(answer.Took.TotalMilliseconds, 3),
        answer.Method, answer.QueryString, answer.RequestBody, answer.HttpStatus, answer.ContentType, answer.Body,
        answer.HttpStatus is null ? null : answer.BodySign switch { BodySign.Verified => "verified", BodySign.Wrong => "wrong", _ => "missing" }, answer.BodySign == BodySign.Verified,
        isLost, isLost ? "answer-lost" : isAcknowledged ? (answer.ResultCode == "000004" ? "accepted" : "acknowledged") : "failed",
        answer.ResultCode, answer.Error, NextAttemptAt: null);

    /// <summary>Notes what the protocol forbids in this answer (protocol §0.6, §0.7, §1, §2, §4.2, §8.2). No answer at all is an outage, not a breach.</summary>
    private void CheckProtocol(Call call, Answer answer)
    {
        if (answer.Took > options.SlowAnswer)
            Breach(call, "slow-answer", $"The answer took {answer.Took.TotalSeconds:0.0} s; the limit is {options.SlowAnswer.TotalSeconds:0.###} s.");
        if (answer.HttpStatus is not { } status)
            return;
        if (status != StatusCodes.Status200OK)
        {
            Breach(call, "http-status", $"The answer came with HTTP {status}; every answer must be 200, errors too.");
            return;
        }
        if (!answer.IsJsonMedia)
            Breach(call, "content-type", $"The answer's content type is '{answer.ContentType}'; it must be application/json.");
        if (answer.BodySign == BodySign.Missing)
            Breach(call, "body-sign-missing", "The answer has no Body-Sign header.");
        else if (answer.BodySign == BodySign.Wrong)
            Breach(call, "body-sign-wrong", "The Body-Sign header does not fit the answer's bytes and the seller's key.");
        else if (answer.BodySignHeaderName != "Body-Sign")
            Breach(call, "body-sign-name", $"The header is named '{answer.BodySignHeaderName}'; it must be Body-Sign in this case.");
        if (answer.Json is null || answer.ResultCode is not { Length: 6 })
        {
            Breach(call, "bad-answer", "The answer is not a JSON object with a resultCode of six characters.");
            return;
        }
        CheckContent(call, answer);
    }

    private void CheckContent(Call call, Answer answer)
    {
        if (call.Activity == Activities.NewInstance && answer.ResultCode is "000000" or "000004")
            CheckInstanceId(call, answer.Text("instanceId"));
        if (call.Activity != Activities.QueryInstance || answer.ResultCode != "000000" || call.IsTest)
            return;
        var info = answer.Info(call.Field("instanceId")!); // every query names one
        if (FrontEndUrl(info) is null)
            Breach(call, "application-information-missing", "info has no entry for the instance with an appInfo.frontEndUrl.");
        if (info is not { } found || call.Subscription is not { Order.Product.IsPayPerUse: true })
            return;
        if (!found.TryGetProperty("usageInfo", out var used) || used.ValueKind != JsonValueKind.Array || used.GetArrayLength() == 0)
            Breach(call, "usage-information-missing", "A pay-per-use instance must come with usageInfo.");
        else if (used.EnumerateArray().Any(u => u.ValueKind != JsonValueKind.Object || !u.TryGetProperty("usageValue", out _) || !u.TryGetProperty("statisticalTime", out _)))
            Breach(call, "usage-information-missing", "Each usageInfo must have usageValue and statisticalTime.");
    }

    private void CheckInstanceId(Call call, string? instanceId)
    {
        if (instanceId is not { Length: > 0 and <= 64 })
        {
            Breach(call, "instance-id-missing", "newInstance succeeded without an instanceId of 1 to 64 characters.");
            return;
        }
        if (call.Subscription is not { } subscription)
            return;
        if (subscription.FirstNamedInstanceId is null)
        {
            subscription.FirstNamedInstanceId = instanceId;
            firstNamed.TryAdd(instanceId, subscription);
        }
        if (subscription.FirstNamedInstanceId != instanceId)
            Breach(call, "instance-id-changed", $"The same order line was answered with {subscription.FirstNamedInstanceId} before and with {instanceId} now.");
        if (firstNamed.TryGetValue(instanceId, out var first) && first != subscription)
            Breach(call, "instance-id-reused", $"Instance id {instanceId} was given to another order line before.");
    }

    private void Breach(Call call, string kind, string sentence) =>
        AddViolation(new Violation(Now, kind, sentence, call.Id, call.Activity, call.Subscription?.Order.OrderLineId, call.Field("instanceId") ?? call.Subscription?.InstanceId));

    private void AddViolation(Violation violation)
    {
        violations.Enqueue(violation);
        Changed();
        while (violations.Count > ViolationsKept)
            violations.Dequeue();
    }
}

/// <summary>An instance as its buyer sees it, at <c>GET /sim/instances</c>.</summary>
internal sealed record InstanceView(string? InstanceId, string OrderId, string OrderLineId, string CustomerId, string CustomerName, string Email, string Product,
    string Version, string Status, object? ApplicationInformation, object? UsageInformation, DateTimeOffset CreatedAt, DateTimeOffset? RunningAt,
    DateTimeOffset? FrozenAt, DateTimeOffset? ClosedAt, DateTimeOffset? ExpireTime, string? Note);

internal sealed record AmountView(string Amount, string Currency);

internal sealed record OrderView(string OrderId, string OrderLineId, string OrderType, string Product, string CustomerId, string CustomerName, string Email,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpireTime, AmountView Price);

internal sealed record UsageView(string? MeteringSn, string? InstanceId, string? UsageValue, object? BeginTime, object? EndTime, object? RecordTime,
    DateTimeOffset ReceivedAt, string Verdict, string? Code, string? Reason, DateTimeOffset? CollectedAt);
