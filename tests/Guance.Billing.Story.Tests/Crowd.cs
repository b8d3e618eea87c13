using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Guance.Billing.Client;
using Guance.Billing.Client.Site.Models;

namespace Guance.Billing.Story.Tests;

/// <summary>
/// Customers and agents who go on whatever happens: each asks again until it is answered, and keeps what was acknowledged. What the world must be in the end is known from that
/// alone.
/// </summary>
internal sealed class Crowd(AFragileWorld world, Random random)
{
    private const int CustomersAtOnce = 3;
    private const int EventsMax = 20;
    private const long QuantityOfOne = 10_000;
    private const decimal Cash = 10_000_000m;
    private static readonly TimeSpan AgentsEvery = TimeSpan.FromMilliseconds(50);

    private List<Tenant> tenants = [];
    private int customers;
    private long events;

    /// <summary>How many usage events were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    public int Customers
    {
        get
        {
            lock (tenants)
            {
                return tenants.Count;
            }
        }
    }

    /// <summary>Writes down all that its customers know, with their bills.</summary>
    public async Task WriteDownAsync(string file)
    {
        foreach (var tenant in tenants)
        {
            tenant.Bills = await LinesAsync(tenant);
        }

        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new Memory(customers, events, Acknowledged, tenants)));
    }

    /// <summary>Takes up where another crowd stopped, in a world that went on from what it left: its customers sign in again, and see the bills that they saw.</summary>
    public async Task RememberAsync(string file)
    {
        var memory = JsonSerializer.Deserialize<Memory>(await File.ReadAllTextAsync(file))!;
        (customers, events, Acknowledged, tenants) = (memory.Customers, memory.Events, memory.Acknowledged, memory.Tenants);
        foreach (var tenant in tenants)
        {
            tenant.Me = new Customer(world.Places, tenant.Username, insists: true);
            await tenant.Me.SignInToBillingCenterAsync();
            foreach (var site in tenant.Workspaces.Select(mine => mine.Site).Distinct(StringComparer.Ordinal))
            {
                await tenant.Me.SignInAtAsync(world.UrlOf(site));
            }

            (await LinesAsync(tenant)).ShouldBe(tenant.Bills, ignoreOrder: true, tenant.Username);
        }
    }

    /// <summary>Lives until told to stop; each finishes what it has begun.</summary>
    public Task LiveAsync(CancellationToken stop) => Task.WhenAll(
        Enumerable.Range(0, CustomersAtOnce).Select(_ => BeCustomersAsync(stop)).Append(ReportUsageAsync("cn4", stop)).Append(ReportUsageAsync("za1", stop)));

    /// <summary>Waits until usage goes on to be acknowledged, and the Billing Center has been told of it.</summary>
    public async Task IsHeardAsync()
    {
        var before = Acknowledged;
        await UntilAsync("usage goes on to be acknowledged", () => Task.FromResult(Acknowledged), now => now > before + EventsMax);
        decimal used;
        lock (tenants)
        {
            used = tenants.SelectMany(tenant => tenant.Workspaces).Sum(mine => mine.Used);
        }

        await using var database = world.DatabaseOf(AFragileWorld.BillingCenter);
        await using var sum = database.CreateCommand("select coalesce(sum(quantity), 0) from settlement.usage_hour");
        await UntilAsync("the Billing Center has been told of it", async () => (decimal)(await sum.ExecuteScalarAsync())!, told => told >= used);
    }

    /// <summary>Everything that was acknowledged is there, at the Billing Center and at the sites; nothing else is.</summary>
    public async Task FindsAllAsync()
    {
        await using var database = world.DatabaseOf(AFragileWorld.BillingCenter);
        foreach (var tenant in tenants)
        {
            foreach (var mine in tenant.Workspaces)
            {
                await using var sum = database.CreateCommand($"select coalesce(sum(quantity), 0) from settlement.usage_hour where workspace = '{mine.Id["wksp_".Length..]}'");
                await UntilAsync($"the Billing Center knows {mine.Used} of {mine.Id}", async () => (decimal)(await sum.ExecuteScalarAsync())!, told => told == mine.Used);
                foreach (var (place, by) in new[] { ("the Billing Center", tenant.Me.BillingCenter), (mine.Site, tenant.Me.At(world.UrlOf(mine.Site))) })
                {
                    await UntilAsync(
                        $"{mine.Id} is {mine.Lock}, settled by {mine.Method}, at {place}",
                        () => by.GetAsync($"/api/workspaces/{mine.Id}"),
                        seen => (seen.LockState(), seen.Method()) == (mine.Lock, mine.Method));
                }
            }

            (await tenant.Me.AllWorkspacesAsync()).Select(workspace => Text(workspace, "id")).ShouldBe(tenant.Workspaces.Select(mine => mine.Id), ignoreOrder: true);
        }
    }

    /// <summary>Every acknowledged event is billed once, to one payer, and the market has been told what it is to charge, once.</summary>
    public async Task IsBilledAsync(Func<Task> letTimePass)
    {
        using var market = new Person(world.Places.MarketplaceUrl);
        foreach (var tenant in tenants)
        {
            IReadOnlyList<Line> lines = [];
            for (var patience = 60; ; patience--)
            {
                lines = await LinesAsync(tenant);
                if (tenant.Workspaces.TrueForAll(mine => Billed(mine) == mine.Rated) && await ChargedAsync(market, tenant.InstanceId) == Cloud())
                {
                    break;
                }

                if (patience == 0)
                {
                    Assert.Fail($"{tenant.Me.Username}: " + string.Join(", ", tenant.Workspaces.Select(mine => $"{mine.Id} at {mine.Site} used {mine.Rated}, and is billed {Billed(mine)}"))
                        + $"; {tenant.InstanceId} is billed {Cloud()}, and the market charges {await ChargedAsync(market, tenant.InstanceId)}");
                }

                await letTimePass();
            }

            lines.Select(line => line.Payer).ShouldBeSubsetOf(["billing-center", $"huawei-cloud/{tenant.InstanceId}"]);
            var balances = (await tenant.Me.BillingCenter.GetAsync("/api/billing-account"))["balances"]!;
            (Amount(balances["cash"]!) - Amount(balances["arrears"]!)).ShouldBe(tenant.Credited - lines.Where(line => line.Payer == "billing-center").Sum(line => line.Amount), tenant.Me.Username);

            decimal Billed(Mine mine) => lines.Where(line => line.Workspace == mine.Id).Sum(line => line.Amount);

            decimal Cloud() => lines.Where(line => line.Payer != "billing-center").Sum(line => line.Amount);
        }

        var billingCenter = GuanceBilling.BillingCenter(world.Operator(AFragileWorld.BillingCenter)).Api.Operator;
        (await billingCenter.Checks.PostAsync(new()))!.Open.ShouldBe(0);
        (await billingCenter.JournalVerification.GetAsync())!.Breaks!.ShouldBeEmpty();
        (await billingCenter.Violations.GetAsync())!.Items!.ShouldBeEmpty();
        foreach (var site in AFragileWorld.Names.Skip(1))
        {
            (await GuanceBilling.Site(world.Operator(site)).Api.Operator.Quarantine.GetAsync())!.Items!.ShouldBeEmpty();
        }
    }

    private static decimal Amount(JsonNode money) => decimal.Parse(Text(money, "amount"), CultureInfo.InvariantCulture);

    /// <summary>What the market charges: of a record that was sent twice it takes one.</summary>
    private static async Task<decimal> ChargedAsync(Person market, string instanceId) => Items(await market.GetAsync($"/sim/usage?instanceId={instanceId}&limit=1000"))
        .Where(record => Text(record, "verdict") != "rejected").Sum(record => decimal.Parse(Text(record, "usageValue"), CultureInfo.InvariantCulture));

    private static async Task<IReadOnlyList<Line>> LinesAsync(Tenant tenant)
    {
        var lines = new List<Line>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await tenant.Me.BillingCenter.GetAsync($"/api/bills/daily?limit=100{cursor}");
            lines.AddRange(Items(page).SelectMany(bill => bill["lines"]!.AsArray().Select(line => new Line(Text(bill, "workspaceId"), Text(bill, "date"), Text(line!, "payer"), Amount(line!["amount"]!)))));
            cursor = page["nextCursor"] is { } next ? $"&cursor={Uri.EscapeDataString(next.ToString())}" : null;
        }

        return lines;
    }

    private async Task BeCustomersAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref customers);
            var tenant = new Tenant($"crowd{number}");
            tenant.Me = new Customer(world.Places, tenant.Username, insists: true);
            await BeCustomerAsync(tenant, attachesByCloud: Chance(), changes: Chance(), closes: Chance(), unlocks: Chance());
        }
    }

    private async Task BeCustomerAsync(Tenant tenant, bool attachesByCloud, bool changes, bool closes, bool unlocks)
    {
        var me = tenant.Me;
        (tenant.AccountId, tenant.InstanceId) = await me.BuyAsync();
        var first = new Mine("cn4", await me.RegisterWithHuaweiAsync(world.UrlOf("cn4"), tenant.AccountId)) { Method = "huawei-cloud" };
        await me.SignInAtAsync(world.UrlOf("cn4"));
        await me.SignInToBillingCenterAsync();
        tenant.Workspaces.Add(first);
        lock (tenants)
        {
            tenants.Add(tenant);
        }

        var account = Text(await me.BillingCenter.GetAsync("/api/billing-account"), "id");
        await GuanceBilling.BillingCenter(world.Operator(AFragileWorld.BillingCenter)).Api.Operator.BillingAccounts[account].Cash.PostAsync(
            new() { Amount = new() { Amount = Cash.ToString(CultureInfo.InvariantCulture), Currency = "CNY" } });
        tenant.Credited = Cash;

        var second = new Mine("za1", await me.RegisterAndAttachAsync(world.UrlOf("za1"), attachesByCloud ? tenant.AccountId : null))
        {
            Method = attachesByCloud ? "huawei-cloud" : "billing-center",
        };
        await me.SignInAtAsync(world.UrlOf("za1"));
        lock (tenants)
        {
            tenant.Workspaces.Add(second);
        }

        if (changes && !attachesByCloud)
        {
            (await me.ChangeToHuaweiAsync(second.Id, tenant.AccountId, tenant.InstanceId)).MustSucceed();
            second.Method = "huawei-cloud";
        }

        if (closes)
        {
            await me.CloseResourceAsync(tenant.InstanceId);
            var bound = tenant.Workspaces.Where(mine => mine.Method == "huawei-cloud").ToArray();
            await me.ClosingAcknowledgedAsync(tenant.InstanceId, bound.Length);
            foreach (var mine in bound)
            {
                (mine.Lock, mine.Method) = ("locked", "billing-center");
            }

            if (unlocks)
            {
                await me.BillingCenter.PostAsync($"/api/workspaces/{first.Id}/unlock");
                first.Lock = "normal";
            }
        }
    }

    private async Task ReportUsageAsync(string site, CancellationToken stop)
    {
        using var every = new PeriodicTimer(AgentsEvery);
        var agent = GuanceBilling.Site(world.Operator(site));
        while (!stop.IsCancellationRequested)
        {
            Mine[] some;
            lock (tenants)
            {
                some = [.. tenants.SelectMany(tenant => tenant.Workspaces).Where(mine => mine.Site == site).TakeLast(EventsMax)];
            }

            var used = some.Select(mine => (Mine: mine, Quantity: QuantityOfOne * Next(1, 4), Id: $"event {Interlocked.Increment(ref events)}")).ToArray();
            if (used.Length > 0)
            {
                var answer = await agent.Api.Usage.PostAsync(
                [
                    .. used.Select(one => new IngestUsageEvent { Id = one.Id, WorkspaceId = one.Mine.Id, Item = "task-calls", Quantity = one.Quantity, Time = world.Now }),
                ], cancellationToken: CancellationToken.None);
                (answer!.Accepted + answer.Duplicates).ShouldBe(used.Length, string.Join(", ", answer.Quarantined!.Select(refused => $"{used[refused.Index!.Value]}: {refused.Code}")));
                foreach (var one in used)
                {
                    one.Mine.Used += one.Quantity;
                }

                lock (tenants)
                {
                    Acknowledged += used.Length;
                }
            }

            await every.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private bool Chance() => Next(0, 2) == 0;

    private int Next(int least, int end)
    {
        lock (random)
        {
            return random.Next(least, end);
        }
    }

    /// <summary>All that a crowd knows.</summary>
    private sealed record Memory(int Customers, long Events, long Acknowledged, List<Tenant> Tenants);

    /// <summary>A line of a day's bill.</summary>
    private sealed record Line(string Workspace, string Date, string Payer, decimal Amount);

    private sealed class Tenant(string username)
    {
        public string Username => username;

        [JsonIgnore]
        public Customer Me { get; set; } = null!;

        public string AccountId { get; set; } = "";

        public string InstanceId { get; set; } = "";

        public decimal Credited { get; set; }

        public List<Mine> Workspaces { get; init; } = [];

        /// <summary>Its bills when it was written down.</summary>
        public IReadOnlyList<Line> Bills { get; set; } = [];
    }

    private sealed class Mine(string site, string id)
    {
        public string Site => site;

        public string Id => id;

        public string Method { get; set; } = "";

        public string Lock { get; set; } = "normal";

        public long Used { get; set; }

        /// <summary>10 K task calls are 1.00 in China, 2.00 overseas.</summary>
        public decimal Rated => Used / QuantityOfOne * (site == "cn4" ? 1m : 2m);
    }
}
