using System.Security.Cryptography;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator;

internal sealed partial class Market
{
    /// <summary>
    /// The calls that are to be sent now, marked as in flight; at most <paramref name="max"/>. Of one instance only one call is in
    /// flight at a time, duplicates excepted: those are meant to race.
    /// </summary>
    public IReadOnlyList<Call> TakeDue(int max)
    {
        lock (gate)
        {
            var now = Now;
            usage.Collect(now);
            ExpireInstances(now);
            if (faults.Down || calls.Count == 0)
                return [];
            var busy = calls.Where(c => c.InFlight && !c.IsDuplicate).Select(c => c.Subscription).ToHashSet();
            var taken = new List<Call>();
            foreach (var call in calls.Where(c => !c.InFlight && c.DueAt <= now).OrderBy(c => c.DueAt).ThenBy(c => c.Sequence).ToList())
            {
                if (taken.Count >= max)
                    break;
                if (IsSuperseded(call) && IsStale(call, now))
                {
                    calls.Remove(call);
                    continue;
                }
                if (!call.IsDuplicate && !busy.Add(call.Subscription))
                    continue;
                if (IsStale(call, now))
                    Sign(call);
                call.InFlight = true;
                taken.Add(call);
            }
            return taken;
        }
    }

    /// <summary>What an attempt came to: logs it, notes breaches, applies an acknowledgement, plans the next try.</summary>
    public CallView Complete(Call call, Answer answer)
    {
        CallView view;
        lock (gate)
        {
            var now = Now;
            call.InFlight = false;
            call.Id = ++lastCallId;
            Changed();
            CheckProtocol(call, answer);
            var isLost = answer.HttpStatus is not null && !call.IsTest && Draw(faults.LoseAnswer);
            var isAcknowledged = Acknowledges(call, answer);
            // Before a retry is planned, which draws the call's next nonce and timestamp.
            view = View(call, answer, isLost, isAcknowledged);
            if (isAcknowledged && !isLost)
            {
                calls.Remove(call);
                Apply(call, answer);
            }
            else
            {
                view = view with { NextAttemptAt = PlanRetry(call, now) };
            }
            log.Enqueue(view);
            while (log.Count > CallsKept)
                log.Dequeue();
            call.FirstAnswer.TrySetResult(view);
        }
        return view;
    }

    /// <summary>Gives a call back that was not sent, as when the market stops.</summary>
    public void PutBack(Call call)
    {
        lock (gate)
            call.InFlight = false;
    }

    /// <summary>One test call per activity and scene, signed now; they are sent by whoever asked, not queued (protocol §0.9).</summary>
    public IReadOnlyList<Call> MakeTestCalls()
    {
        lock (gate)
        {
            var order = OrderQuery.Mock("MOCKPERIODYEARNEW")!; // documented mock orders are there
            var renewal = OrderQuery.Mock("MOCKMONTYRENEW")!;
            var instance = ("instanceId", "test-instance-0001");
            var ofOrder = new[] { ("orderId", order.OrderId), ("orderLineId", order.OrderLineId) };
            var made = new List<Call>();
            void Add(string activity, Order? about, params (string, string)[] fields) => made.Add(TestCall(activity, about, Fields(fields)));

            Add(Activities.NewInstance, order, ofOrder);
            Add(Activities.QueryInstance, null, instance);
            foreach (var scene in new[] { "TRIAL_TO_FORMAL", "RENEWAL", "UNSUBSCRIBE_RENEWAL_PERIOD", "RENEWAL_CHANGE" })
            {
                Add(Activities.RefreshInstance, renewal, instance, ("scene", scene), ("orderId", renewal.OrderId), ("orderLineId", renewal.OrderLineId),
                    ("productId", renewal.Product.ProductId), ("expireTime", WireTime.Milliseconds(Now.AddDays(30))));
            }
            Add(Activities.UpdateInstanceStatus, null, instance, ("status", "FREEZE"));
            Add(Activities.UpdateInstanceStatus, null, instance, ("status", "UNFREEZE"));
            Add(Activities.UpgradeInstance, order, [instance, .. ofOrder]);
            made.Add(TestCall(Activities.ChangeInstanceCheck, null, new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["instanceId"] = instance.Item2,
                ["productInfo"] = new { linearValue = 1, productId = order.Product.ProductId, skuCode = order.Product.SkuCode },
            }));
            Add(Activities.ReleaseInstance, order, [instance, .. ofOrder]);
            if (options.SellerCallbackUrlV1 is not null)
            {
                made.AddRange(made.Where(c => c.Activity != Activities.ChangeInstanceCheck).Select(AsV1).DistinctBy(c => c.Activity + c.Field("status")).ToList());
                made.Add(AsV1(TestCall(Activities.UpdateInstanceStatus, null, Fields(instance, ("reason", "expired")))));
            }
            made.ForEach(Sign);
            return made;
        }
    }

    private Call TestCall(string activity, Order? about, IReadOnlyDictionary<string, object> fields) => new()
    {
        Activity = activity,
        Order = about,
        Fields = fields,
        IsTest = true,
        IsOnce = true,
        Sequence = ++lastSequence,
        FirstMadeAt = Now,
        Attempt = 1,
    };

    private Call AsV1(Call call) => new()
    {
        Activity = call.Activity,
        Order = call.Order,
        Fields = call.Fields,
        IsTest = true,
        IsOnce = true,
        IsV1 = true,
        Sequence = ++lastSequence,
        FirstMadeAt = call.FirstMadeAt,
        Attempt = 1,
    };

    private Call Make(Subscription subscription, string activity, IReadOnlyDictionary<string, object> fields, Order? order, bool once = false)
    {
        var call = new Call
        {
            Activity = activity,
            Subscription = subscription,
            Order = order,
            Fields = fields,
            IsV1 = subscription.IsV1,
            IsOnce = once,
            Sequence = ++lastSequence,
            FirstMadeAt = Now,
        };
        calls.Add(call);
        Changed();
        Prepare(call, Now);
        return call;
    }

    /// <summary>Readies the next attempt, and with the faults its delay and its twin. What is due later is signed when it is due.</summary>
    private void Prepare(Call call, DateTimeOffset dueAt)
    {
        call.Attempt++;
        call.Reordered = Draw(faults.Reorder);
        call.DueAt = call.Reordered ? dueAt + Lateness() : dueAt;
        call.TimestampMs = 0;
        if (dueAt <= Now)
            Sign(call);
        if (!Draw(faults.Duplicate) || call.IsOnce)
            return;
        var twin = new Call
        {
            Activity = call.Activity,
            Subscription = call.Subscription,
            Order = call.Order,
            Fields = call.Fields,
            IsV1 = call.IsV1,
            IsDuplicate = true,
            Sequence = call.Sequence,
            FirstMadeAt = call.FirstMadeAt,
            Attempt = call.Attempt,
            Reordered = Draw(faults.Reorder),
        };
        twin.DueAt = twin.Reordered ? dueAt + Lateness() : dueAt;
        if (dueAt <= Now)
            Sign(twin);
        calls.Add(twin);
    }

    private TimeSpan Lateness() => TimeSpan.FromMilliseconds(1 + dice.NextDouble() * faults.ReorderMaxMs);

    /// <summary>
    /// Fresh nonce, timestamp and businessId. Timestamps of the market never repeat or go back, so that they tell the order in which
    /// calls were made, whatever the order in which they arrive.
    /// </summary>
    private void Sign(Call call)
    {
        lastTimestampMs = Math.Max(lastTimestampMs + 1, Now.ToUnixTimeMilliseconds());
        call.TimestampMs = lastTimestampMs;
        Changed();
        call.Nonce = RandomNumberGenerator.GetHexString(64);
        call.BusinessId = new Guid(RandomNumberGenerator.GetBytes(16)).ToString();
    }

    /// <summary>Not signed, or so long ago that the seller would refuse it.</summary>
    private static bool IsStale(Call call, DateTimeOffset now) => now - DateTimeOffset.FromUnixTimeMilliseconds(call.TimestampMs) > SignatureAgeMax;

    /// <summary>A freeze or unfreeze that a later one replaced: signing it anew would make it look like the latest word.</summary>
    private static bool IsSuperseded(Call call) =>
        call.Activity == Activities.UpdateInstanceStatus && call.Subscription is { } subscription && call.Sequence < subscription.LastStatusCall;

    private Call? Pending(Subscription subscription, string activity) =>
        calls.LastOrDefault(c => c.Subscription == subscription && c.Activity == activity && !c.IsDuplicate && !IsSuperseded(c));

    private Call Hurry(Call call)
    {
        if (!call.InFlight && call.DueAt > Now)
            call.DueAt = Now;
        return call;
    }

    private Call MakeStatus(Subscription subscription, bool freeze, string reason)
    {
        subscription.FreezeWanted = freeze;
        var fields = Fields(("instanceId", subscription.InstanceId!), ("status", freeze ? "FREEZE" : "UNFREEZE")); // only instances that have an id get here
        if (subscription.IsV1 && reason == "expired")
            fields["reason"] = reason;
        subscription.LastStatusCall = lastSequence + 1;
        return Make(subscription, Activities.UpdateInstanceStatus, fields, order: null);
    }

    /// <summary>Leaving a period product is an unsubscription with its own order; pay-per-use has none (protocol §2.5).</summary>
    private Call MakeRelease(Subscription subscription)
    {
        subscription.ReleaseAsked = true;
        var fields = Fields(("instanceId", subscription.InstanceId!)); // only instances that have an id get here
        if (!subscription.Order.Product.IsPeriod || subscription.ExpiredAt is not null)
            return Make(subscription, Activities.ReleaseInstance, fields, subscription.Order);
        var refund = subscription.Order with { OrderId = NewOrderId(), OrderType = "UNSUBSCRIBE", CreatedAt = Now };
        orders.Add(refund.OrderId, refund);
        fields["orderId"] = refund.OrderId;
        fields["orderLineId"] = refund.OrderLineId;
        return Make(subscription, Activities.ReleaseInstance, fields, refund);
    }

    /// <summary>Freezes what has expired, and releases what stayed expired too long; each is asked for once (protocol §4.3).</summary>
    private void ExpireInstances(DateTimeOffset now)
    {
        foreach (var subscription in periods)
        {
            if (subscription.Status is not (Statuses.Running or Statuses.Frozen) || subscription.ExpireTime is not { } end || end > now)
                continue;
            if (subscription.ExpiredAt is null)
            {
                subscription.ExpiredAt = end;
                MakeStatus(subscription, freeze: true, "expired");
            }
            else if (subscription.ExpiredAt + options.ExpiredKept <= now && !subscription.ReleaseAsked
                && Pending(subscription, Activities.UpdateInstanceStatus) is null)
            {
                MakeRelease(subscription);
            }
        }
    }

    private DateTimeOffset? PlanRetry(Call call, DateTimeOffset now)
    {
        var (interval, window) = call.Activity switch
        {
            Activities.NewInstance => (options.CreateRetryInterval * options.RetryScale, options.CreateRetryWindow),
            Activities.QueryInstance => (options.QueryPollInterval, options.CreateRetryWindow),
            Activities.ReleaseInstance => (options.ChangeRetryInterval * options.RetryScale, options.ReleaseRetryWindow),
            _ => (options.ChangeRetryInterval * options.RetryScale, options.ChangeRetryWindow),
        };
        var next = now + interval;
        var isPointless = call.IsDuplicate || call.IsOnce || IsSuperseded(call) || call.Subscription is { IsClosed: true };
        if (!isPointless && next <= call.FirstMadeAt + window)
        {
            Prepare(call, next);
            return call.DueAt;
        }
        calls.Remove(call);
        if (!isPointless)
            GiveUp(call, now);
        return null;
    }

    private void GiveUp(Call call, DateTimeOffset now)
    {
        var subscription = call.Subscription!; // test calls are never retried
        if (call.Activity is Activities.NewInstance or Activities.QueryInstance && subscription.Status == Statuses.Creating)
        {
            subscription.Status = Statuses.Closed;
            subscription.ClosedAt = now;
            subscription.Note = $"{call.Activity} did not succeed within {options.CreateRetryWindow}: the order failed and was refunded.";
        }
        else
        {
            subscription.Note = $"{call.Activity} did not succeed in time and stopped; ask for it again to start it anew.";
            if (call.Activity == Activities.UpdateInstanceStatus)
                subscription.FreezeWanted = subscription.Status == Statuses.Frozen;
        }
    }

    private bool Acknowledges(Call call, Answer answer)
    {
        var isAccepted = answer is { HttpStatus: 200, IsJsonMedia: true, Json: not null } && answer.BodySign != BodySign.Wrong
            && (!call.IsV1 || answer.BodySign == BodySign.Verified)
            && (answer.ResultCode == "000000" || (answer.ResultCode == "000004" && call.Activity == Activities.NewInstance && !call.IsTest));
        if (!isAccepted)
            return false;
        return call.Activity switch
        {
            Activities.NewInstance => answer.Text("instanceId") is { Length: > 0 and <= 64 } id
                && (call.IsTest || byInstance.GetValueOrDefault(id) is not { } owner || owner == call.Subscription),
            Activities.QueryInstance => call.IsTest || FrontEndUrl(answer.Info(call.Field("instanceId")!)) is not null, // every query names one
            _ => true,
        };
    }

    private static string? FrontEndUrl(JsonElement? info) =>
        info is { } i && i.TryGetProperty("appInfo", out var appInfo) && appInfo.ValueKind == JsonValueKind.Object
        && appInfo.TryGetProperty("frontEndUrl", out var url) && url.ValueKind == JsonValueKind.String && url.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>Applies an acknowledged call. Every effect depends on what the call asked for and when, never on what arrived last.</summary>
    private void Apply(Call call, Answer answer)
    {
        if (call.Subscription is not { } subscription)
            return;
        var now = Now;
        switch (call.Activity)
        {
            case Activities.NewInstance:
                ApplyCreation(subscription, answer);
                break;
            case Activities.QueryInstance:
                var info = answer.Info(subscription.InstanceId!)!.Value; // acknowledged: it is in the answer
                subscription.ApplicationInformation = info.GetProperty("appInfo").Clone();
                subscription.UsageInformation = info.TryGetProperty("usageInfo", out var used) ? used.Clone() : null;
                if (subscription.Status == Statuses.Creating)
                    Run(subscription, now);
                break;
            case Activities.UpdateInstanceStatus when call.Sequence > subscription.LastStatusAcknowledged:
                subscription.LastStatusAcknowledged = call.Sequence;
                if (!subscription.IsClosed && subscription.RunningAt is not null)
                {
                    var isFrozen = call.Field("status") == "FREEZE";
                    subscription.Status = isFrozen ? Statuses.Frozen : Statuses.Running;
                    subscription.FrozenAt = isFrozen ? now : null;
                }
                break;
            case Activities.RefreshInstance when call.Sequence > subscription.LastRefreshAcknowledged:
                subscription.LastRefreshAcknowledged = call.Sequence;
                if (!subscription.IsClosed && subscription.ExpiredAt is not null && subscription.FreezeWanted)
                    MakeStatus(subscription, freeze: false, "renewed");
                subscription.ExpiredAt = null;
                break;
            case Activities.ReleaseInstance when !subscription.IsClosed:
                subscription.Status = Statuses.Closed;
                subscription.ClosedAt = now;
                subscription.Note = null;
                calls.RemoveAll(c => c.Subscription == subscription && c.Activity == Activities.QueryInstance && !c.InFlight);
                break;
        }
    }

    private void ApplyCreation(Subscription subscription, Answer answer)
    {
        if (subscription.InstanceId is not null)
            return;
        subscription.InstanceId = answer.Text("instanceId")!; // acknowledged: it is in the answer
        byInstance.Add(subscription.InstanceId, subscription);
        if (subscription.IsClosed)
            return;
        if (subscription.IsV1 && answer.Json is { } json && FrontEndUrl(json) is not null)
        {
            subscription.ApplicationInformation = json.GetProperty("appInfo").Clone();
            Run(subscription, Now);
            return;
        }
        Make(subscription, Activities.QueryInstance, Fields(("instanceId", subscription.InstanceId)), subscription.Order);
    }

    /// <summary>The instance runs, or is frozen if that was acknowledged meanwhile.</summary>
    private static void Run(Subscription subscription, DateTimeOffset now)
    {
        subscription.RunningAt = now;
        var isFrozen = subscription.LastStatusAcknowledged > 0 && subscription.FreezeWanted;
        subscription.Status = isFrozen ? Statuses.Frozen : Statuses.Running;
        subscription.FrozenAt = isFrozen ? now : null;
    }
}
