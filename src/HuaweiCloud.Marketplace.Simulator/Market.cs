using System.Security.Cryptography;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>
/// The whole state of one simulated marketplace and every decision on it, behind one lock; nothing in here waits.
/// What is to be sent is taken by <see cref="TakeDue"/> and reported back by <see cref="Complete"/>.
/// </summary>
internal sealed partial class Market
{
    private const int CallsKept = 20_000;
    private const int ViolationsKept = 5_000;
    private const decimal CardValue = 100m;

    /// <summary>A delivery this late is signed anew: the seller accepts 60 s (protocol §3).</summary>
    private static readonly TimeSpan SignatureAgeMax = TimeSpan.FromSeconds(30);

    private readonly SimulatorOptions options;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Order> orders = new(StringComparer.Ordinal);
    private readonly List<Subscription> subscriptions = [];
    private readonly List<Subscription> periods = [];
    private readonly Dictionary<string, Subscription> byLine = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Subscription> byInstance = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Subscription> firstNamed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Buyer> buyers = new(StringComparer.Ordinal);
    private readonly List<Call> calls = [];
    private readonly Queue<CallView> log = new();
    private readonly Queue<Violation> violations = new();
    private readonly UsageBook usage;
    private readonly Random ids;
    private Faults faults = new();
    private Random dice = new(RandomNumberGenerator.GetInt32(int.MaxValue));
    private long lastSequence;
    private long lastCallId;
    private long lastTimestampMs;

    public Market(SimulatorOptions options, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        usage = new UsageBook(options.Collection);
        ids = new Random(options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        if (options.Seed is { } seed)
            dice = new Random(seed);
    }

    /// <summary>Raised, outside the lock, when there may be something to send.</summary>
    public Action Stirred { get; set; } = () => { };

    public DateTimeOffset Now => clock.GetUtcNow();

    public Faults Faults
    {
        get
        {
            lock (gate)
                return faults;
        }
    }

    public Faults SetFaults(FaultsRequest request)
    {
        Faults now;
        lock (gate)
        {
            now = faults = request.ApplyTo(faults);
            Changed();
            if (request.Seed is { } seed)
                dice = new Random(seed);
        }
        Stirred();
        return now;
    }

    /// <summary>A draw of the faults' dice.</summary>
    public bool Happens(double share)
    {
        lock (gate)
            return Draw(share);
    }

    /// <summary>Places a paid order; newInstance is due at once.</summary>
    public Order PlaceOrder(OrderRequest request)
    {
        Order order;
        lock (gate)
        {
            var product = request.ToProduct();
            var isV1 = request.IsV1();
            if (isV1 && options.SellerCallbackUrlV1 is null)
                throw Refusal.Conflict("v1-not-configured", "This market has no V1.0 address of the seller: set SellerCallbackUrlV1.");
            var buyer = BuyerOf(request);
            var number = request.PeriodNumber ?? 1;
            order = new Order
            {
                OrderId = NewOrderId(),
                OrderType = "NEW",
                Product = product,
                Buyer = buyer,
                CreatedAt = Now,
                PeriodType = product.IsPeriod ? request.PeriodType ?? "month" : null,
                PeriodNumber = product.IsPeriod ? number : null,
                ExpireTime = product.IsPeriod ? WireTime.EndOfPeriod(Now, request.PeriodType ?? "month", number) : null,
                Quantity = request.Quantity ?? 1,
                Amount = product == Product.PrepaidCard ? CardValue * (request.Quantity ?? 1) : PriceOf(product, number),
                DiscountPercent = request.DiscountPercent ?? 0,
            };
            orders.Add(order.OrderId, order);
            var subscription = new Subscription(order, isV1);
            Know(subscription);
            var fields = Fields(("orderId", order.OrderId), ("orderLineId", order.OrderLineId));
            Make(subscription, Activities.NewInstance, fields, order);
        }
        Stirred();
        return order;
    }

    /// <summary>The buyer closes the resource: releaseInstance (protocol §2.5). Asking again hurries a release that is under way.</summary>
    public Call Close(string id) => Change(id, subscription =>
    {
        if (Pending(subscription, Activities.ReleaseInstance) is { } pending)
            return Hurry(pending);
        return MakeRelease(subscription);
    });

    public Call Freeze(string id) => Change(id, subscription =>
    {
        if (subscription.FreezeWanted)
        {
            return Pending(subscription, Activities.UpdateInstanceStatus) is { } pending
                ? Hurry(pending)
                : throw Refusal.Conflict("instance-frozen", "The instance is frozen already.");
        }
        return MakeStatus(subscription, freeze: true, "violation");
    });

    public Call Unfreeze(string id) => Change(id, subscription =>
    {
        if (!subscription.FreezeWanted)
        {
            return Pending(subscription, Activities.UpdateInstanceStatus) is { } pending
                ? Hurry(pending)
                : throw Refusal.Conflict("instance-not-frozen", "The instance is not frozen.");
        }
        if (subscription.ExpiredAt is not null)
            throw Refusal.Conflict("instance-expired", "The instance is frozen because it expired: renew it, then it is unfrozen.");
        return MakeStatus(subscription, freeze: false, "cleared");
    });

    /// <summary>The buyer renews: a new order and refreshInstance with the new absolute end (protocol §2.3).</summary>
    public Call Renew(string id, RenewRequest request) => Change(id, subscription =>
    {
        if (subscription.ExpireTime is not { } end)
            throw Refusal.Conflict("not-a-period-product", "Only a product bought for a period can be renewed; this one is pay-per-use.");
        var (type, number) = request.Period(subscription.Order);
        var from = end > Now ? end : Now;
        var order = new Order
        {
            OrderId = NewOrderId(),
            OrderType = "RENEW",
            Product = type == "year" ? Product.PeriodYear : Product.PeriodMonth,
            Buyer = subscription.Order.Buyer,
            CreatedAt = Now,
            PeriodType = type,
            PeriodNumber = number,
            ExpireTime = WireTime.EndOfPeriod(from, type, number),
            Amount = PriceOf(subscription.Order.Product, number),
        };
        orders.Add(order.OrderId, order);
        subscription.ExpireTime = order.ExpireTime;
        var fields = Fields(("scene", "RENEWAL"), ("orderId", order.OrderId), ("orderLineId", order.OrderLineId),
            ("instanceId", subscription.InstanceId!), ("productId", order.Product.ProductId), // Change insists on an instance id
            ("expireTime", WireTime.Milliseconds(order.ExpireTime.Value)));
        return Make(subscription, Activities.RefreshInstance, fields, order);
    });

    /// <summary>The buyer opens the resource's details: queryInstance, once, live (protocol §2.2).</summary>
    public Call Query(string id) => Change(id, subscription =>
        Make(subscription, Activities.QueryInstance, Fields(("instanceId", subscription.InstanceId!)), subscription.Order, once: true));

    /// <summary>The order as order query shows it; null when there is none, or no such line.</summary>
    public Order? FindOrder(string orderId, string? orderLineId)
    {
        lock (gate)
        {
            var order = orders.GetValueOrDefault(orderId) ?? OrderQuery.Mock(orderId);
            return order is null || (orderLineId is not null && orderLineId != order.OrderLineId) ? null : order;
        }
    }

    /// <summary>Takes pushed records and judges each (protocol §5.2); the answer has them in the same order.</summary>
    public IReadOnlyList<UsageRecord> TakeUsage(IReadOnlyList<JsonElement> records)
    {
        lock (gate)
        {
            usage.Collect(Now);
            Changed();
            return [.. records.Select(r => usage.Add(r, id => byInstance.GetValueOrDefault(id), Now, Draw(faults.RejectRecords) ? faults.RejectCode : null))];
        }
    }

    /// <summary>Records a breach of the protocol that was seen on the seller-facing side.</summary>
    public void Report(string kind, string sentence)
    {
        lock (gate)
            AddViolation(new Violation(Now, kind, sentence, 0, "", null, null));
    }

    private Call Change(string id, Func<Subscription, Call> decide)
    {
        Call call;
        lock (gate)
        {
            var subscription = Find(id);
            if (subscription.IsClosed)
                throw Refusal.Conflict("instance-closed", "The instance is closed for ever; place a new order.");
            if (subscription.InstanceId is null)
                throw Refusal.Conflict("instance-being-created", "The seller has not answered newInstance yet; try again when it has.");
            call = decide(subscription);
            Changed();
        }
        Stirred();
        return call;
    }

    private void Know(Subscription subscription)
    {
        subscriptions.Add(subscription);
        byLine.Add(subscription.Order.OrderLineId, subscription);
        if (subscription.Order.Product.IsPeriod)
            periods.Add(subscription);
    }

    private Subscription Find(string id) => byInstance.GetValueOrDefault(id) ?? byLine.GetValueOrDefault(id)
        ?? throw Refusal.NotFound("instance-not-found", $"There is no instance and no order line '{id}'; GET /sim/instances lists them.");

    private Buyer BuyerOf(OrderRequest request)
    {
        var known = request.CustomerId is null ? null : buyers.GetValueOrDefault(request.CustomerId);
        var id = request.CustomerId ?? NewCustomerId();
        var buyer = new Buyer(id, request.CustomerName ?? known?.CustomerName ?? "Customer " + id[..Math.Min(6, id.Length)],
            request.Email ?? known?.Email ?? $"buyer-{id[..Math.Min(6, id.Length)]}@example.com");
        buyers[id] = buyer;
        return buyer;
    }

    private string NewCustomerId()
    {
        var bytes = new byte[16];
        string id;
        do
        {
            ids.NextBytes(bytes);
            id = Convert.ToHexStringLower(bytes);
        }
        while (buyers.ContainsKey(id)); // a seed's ids begin again with each start
        return id;
    }

    /// <summary>As in CS2211181819B4LVS: the market's minute and five characters.</summary>
    private string NewOrderId()
    {
        string id;
        do
        {
            id = "CS" + Now.ToOffset(WireTime.MarketOffset).ToString("yyMMddHHmm", System.Globalization.CultureInfo.InvariantCulture)
                + ids.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", 5);
        }
        while (orders.ContainsKey(id));
        return id;
    }

    private static decimal PriceOf(Product product, int number) => product.IsPeriod ? (product.ProductId == Product.PeriodYear.ProductId ? 1000m : 100m) * number : 0m;

    private bool Draw(double share) => share > 0 && dice.NextDouble() < share;

    private static Dictionary<string, object> Fields(params (string Name, string Value)[] fields) =>
        fields.ToDictionary(f => f.Name, f => (object)f.Value, StringComparer.Ordinal);
}
