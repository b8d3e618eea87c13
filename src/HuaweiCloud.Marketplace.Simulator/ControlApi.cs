namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>The body of <c>POST /sim/orders</c>.</summary>
internal sealed record OrderRequest(string? Product, string? CustomerId, string? CustomerName, string? Email, string? PeriodType, int? PeriodNumber, string? Version,
    int? Quantity, int? DiscountPercent)
{
    public Product ToProduct()
    {
        if (CustomerId is { } id && (id.Length is 0 or > 100 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            throw Refusal.BadRequest("customer-id-invalid", "customerId has 1 to 100 letters, digits, '-' or '_'; Huawei's own are 32 hex digits.");
        if (CustomerName is { Length: 0 or > 64 })
            throw Refusal.BadRequest("customer-name-invalid", "customerName has 1 to 64 characters.");
        if (Email is { } email && (email.Length > 254 || !email.Contains('@', StringComparison.Ordinal)))
            throw Refusal.BadRequest("email-invalid", "email must be an address such as buyer@example.com.");
        Periods.Check(PeriodType, PeriodNumber);
        if (Quantity is not null && Product != "prepaid-card" || Quantity is not (null or (>= 1 and <= 1000)))
            throw Refusal.BadRequest("quantity-invalid", "quantity is of prepaid cards only, from 1 to 1000.");
        if (DiscountPercent is not (null or (>= 0 and <= 100)))
            throw Refusal.BadRequest("discount-invalid", "discountPercent must be from 0 to 100.");
        return (Product, PeriodType) switch
        {
            ("pay-per-use", null) when PeriodNumber is null => Simulator.Product.PayPerUse,
            ("prepaid-card", null) when PeriodNumber is null => Simulator.Product.PrepaidCard,
            ("pay-per-use" or "prepaid-card", _) => throw Refusal.BadRequest("period-invalid", "A pay-per-use product and a prepaid card have no period."),
            ("period", "year") => Simulator.Product.PeriodYear,
            ("period", _) => Simulator.Product.PeriodMonth,
            _ => throw Refusal.BadRequest("product-unknown", "product must be \"pay-per-use\", \"period\" or \"prepaid-card\"."),
        };
    }

    public bool IsV1() => Version switch
    {
        null or "v2" => false,
        "v1" => true,
        _ => throw Refusal.BadRequest("version-unknown", "version must be \"v2\" or \"v1\"."),
    };
}

/// <summary>The body of <c>POST /sim/instances/{id}/renew</c>; without it the first order's period is bought again.</summary>
internal sealed record RenewRequest(string? PeriodType, int? PeriodNumber)
{
    public (string Type, int Number) Period(Order order)
    {
        Periods.Check(PeriodType, PeriodNumber);
        return (PeriodType ?? order.PeriodType ?? "month", PeriodNumber ?? (PeriodType is null ? order.PeriodNumber : null) ?? 1);
    }
}

internal static class Periods
{
    public static void Check(string? type, int? number)
    {
        if (type is not (null or "month" or "year"))
            throw Refusal.BadRequest("period-invalid", "periodType must be \"month\" or \"year\".");
        if (number is not (null or (>= 1 and <= 36)))
            throw Refusal.BadRequest("period-invalid", "periodNumber must be from 1 to 36.");
    }
}

/// <summary>A list as all APIs here answer it. Only instances have a cursor; of the others the newest <c>limit</c> items are all that is served.</summary>
internal sealed record ListOf<T>(IReadOnlyList<T> Items, string? NextCursor = null);

/// <summary>What people, demos and tests do with the market, under <c>/sim</c>.</summary>
internal static class ControlApi
{
    private const int LimitDefault = 1000;
    private const int LimitMax = 20_000;

    public static void Map(WebApplication app)
    {
        var sim = app.MapGroup("/sim");
        sim.MapPost("/orders", (OrderRequest request, Market market) =>
        {
            var order = market.PlaceOrder(request);
            return Results.Json(new { order.OrderId, order.OrderLineId, order.Buyer.CustomerId }, statusCode: StatusCodes.Status201Created);
        });
        sim.MapGet("/orders", (Market market) => new ListOf<OrderView>(market.Orders()));
        sim.MapGet("/instances", (int? limit, string? cursor, Market market) => market.Instances(Limit(limit), cursor));
        sim.MapGet("/instances/{id}", (string id, Market market) => market.Instance(id));
        MapChange(sim, "close", (market, id) => market.Close(id));
        MapChange(sim, "freeze", (market, id) => market.Freeze(id));
        MapChange(sim, "unfreeze", (market, id) => market.Unfreeze(id));
        MapChange(sim, "query", (market, id) => market.Query(id));
        sim.MapPost("/instances/{id}/renew", (string id, RenewRequest? request, Market market, SimulatorOptions options, CancellationToken cancel) =>
            ToldAsync(market, id, market.Renew(id, request ?? new RenewRequest(null, null)), options.ControlWait, cancel));
        sim.MapGet("/calls", (string? instanceId, int? limit, Market market) => new ListOf<CallView>(market.Calls(instanceId, Limit(limit))));
        sim.MapGet("/usage", (string? instanceId, int? limit, Market market) => new ListOf<UsageView>(market.Usage(instanceId, Limit(limit))));
        sim.MapGet("/bills/{month}.csv", (string month, Market market) => Results.Text(market.Bill(month), "text/csv", System.Text.Encoding.UTF8));
        sim.MapGet("/violations", (Market market) => new ListOf<Violation>(market.Violations()));
        sim.MapGet("/faults", (Market market) => market.Faults);
        sim.MapPost("/faults", (FaultsRequest request, Market market) => market.SetFaults(request));
        sim.MapPost("/test-calls", TestAsync);
        sim.MapGet("/clock", (Market market) => new { market.Now });
    }

    private static void MapChange(RouteGroupBuilder sim, string action, Func<Market, string, Call> change) =>
        sim.MapPost("/instances/{id}/" + action, (string id, Market market, SimulatorOptions options, CancellationToken cancel) =>
            ToldAsync(market, id, change(market, id), options.ControlWait, cancel));

    /// <summary>Waits a little for the call's first answer: 200 with it, else 202 and it goes on in the background.</summary>
    private static async Task<IResult> ToldAsync(Market market, string id, Call call, TimeSpan wait, CancellationToken cancel)
    {
        CallView? first = null;
        try
        {
            first = await call.FirstAnswer.Task.WaitAsync(wait, cancel);
        }
        catch (TimeoutException)
        {
            // Queued: the market is down, or the seller is slow.
        }
        var instance = market.Instance(id);
        var outcome = first?.Outcome ?? "queued";
        return Results.Json(new { instance.InstanceId, call.Activity, outcome, first?.ResultCode, first?.HttpStatus, first?.Error, first?.NextAttemptAt, instance },
            statusCode: outcome is "queued" ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    /// <summary>The dial test: one call with testFlag 1 per activity, one after the other (protocol §0.9).</summary>
    private static async Task<IResult> TestAsync(Market market, SimulatorClockwork clockwork, CancellationToken cancel)
    {
        if (market.Faults.Down)
            throw Refusal.Conflict("market-down", "The market is down on purpose; POST /sim/faults {\"down\": false} first.");
        var views = new List<CallView>();
        foreach (var call in market.MakeTestCalls())
            views.Add(await clockwork.SendNowAsync(call, cancel));
        return Results.Json(new { passed = views.All(v => v.Outcome == "acknowledged"), items = views });
    }

    private static int Limit(int? limit) => limit switch
    {
        null => LimitDefault,
        >= 1 and <= LimitMax => limit.Value,
        _ => throw Refusal.BadRequest("limit-invalid", $"limit must be from 1 to {LimitMax}."),
    };
}
