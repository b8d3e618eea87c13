using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;

namespace Guance.Billing.Story.Tests;

/// <summary>A class and a world of its own: it moves the clock.</summary>
public sealed class AKilledDayCloseTests(AWorld world) : IClassFixture<AWorld>
{
    private const int WorkspaceCount = 8;
    private const long Gate = 20_261_124;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    /// <summary>A transaction for each workspace, so that a kill falls between two.</summary>
    private static readonly (string, string) SmallBatches = ("Settlement:DayClose:BatchSize", "1");

    [Fact]
    public async Task A_billing_center_killed_at_every_step_of_a_day_close_and_a_push_ends_as_one_that_was_left_in_peace()
    {
        using var me = new Customer(world.Places, world.New("crash"));
        var (accountId, instanceId) = await me.BuyAsync();
        await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        await me.RegisterManyAsync(accountId, WorkspaceCount - 1);
        await me.SignInToBillingCenterAsync();

        var killed = await UseAsync(me, days: 1);
        await world.World.StopDeploymentAsync("billing-center", Cancel);
        // The sites and the market go by the world's clock; each process has one of its own, which begins anew with it.
        await MoveToAsync(world.Places.Cn4Url, EndOf(killed).AddMinutes(20));
        await KillBeforeAsync(killed, "insert", "settlement.bill", 3);
        (await BillCountAsync()).ShouldBeInRange(3, 4, "killed between two batches; of two lanes one may have come in beside the third bill");
        await KillBeforeAsync(killed, "update", "settlement.day_close");
        (await BillCountAsync()).ShouldBe(WorkspaceCount, "killed once all were billed");
        await KillBeforeAsync(killed, "insert", "cloud_accounts.usage_push");
        (await RecordsAsync(instanceId)).ShouldBeEmpty("killed before a record was kept");
        // A send that nothing was heard of, on a slow machine, is noted as well; it is not what this is about.
        await KillBeforeAsync(killed, "insert", "cloud_accounts.usage_push_answer", when: "new.verdict <> 'unanswered'");
        (await RecordsAsync(instanceId)).Length.ShouldBe(1, "killed when the market had the record, and its answer was not noted");
        // What a kill left without an answer is asked about again after a while.
        await MoveToAsync(world.Places.Cn4Url, EndOf(killed).AddMinutes(50));
        using (var last = await world.StartBillingCenterProcessAsync(SmallBatches))
        {
            await MoveToAsync(world.Ports.BillingCenterUrl, EndOf(killed).AddMinutes(50));
            await AcceptedAsync(1);
            await last.KillAsync();
        }

        await world.World.StartDeploymentAsync("billing-center", Cancel);
        var undisturbed = await UseAsync(me, days: 2);
        await MoveToAsync(world.Places.Cn4Url, EndOf(undisturbed).AddMinutes(20));
        await AcceptedAsync(2);

        var bills = Items(await me.BillingCenter.GetAsync("/api/bills/daily?limit=200")).ToLookup(bill => Text(bill, "date"), AsText);
        bills[DateOf(killed)].Count().ShouldBe(WorkspaceCount, "one for each workspace");
        bills[DateOf(killed)].ShouldBe(bills[DateOf(undisturbed)], ignoreOrder: true);
        var total = await TotalAsync(me);
        (await RecordsAsync(instanceId)).ShouldBe([total, total], "once for each day");
        using var staff = await world.StaffAsync(world.Places.BillingCenterUrl);
        (await staff.PostAsync("/api/operator/checks"))["open"]!.GetValue<long>().ShouldBe(0);
        (await staff.GetAsync("/api/operator/journal-verification"))["breaks"]!.AsArray().ShouldBeEmpty();
    }

    /// <summary>What a bill says, but for its date and what is named after that.</summary>
    private static string AsText(JsonNode bill) =>
        $"{Text(bill, "workspaceId")}: {Text(bill["total"]!, "amount")} = {string.Join(" + ", bill["lines"]!.AsArray().Select(line => $"{Text(line!, "item")} {Text(line!["amount"]!, "amount")} by {Text(line!, "payer")}"))}";

    /// <summary>Of a day on which each workspace used the same: 20 K task calls are 2.00 in China, 4.00 overseas.</summary>
    private static async Task<decimal> TotalAsync(Customer me) => (await me.AllWorkspacesAsync()).Sum(workspace => Text(workspace, "site") == "cn4" ? 2m : 4m);

    private static DateTimeOffset EndOf(DateTimeOffset used) => new(used.ToOffset(TimeSpan.FromHours(8)).Date.AddDays(1), TimeSpan.FromHours(8));

    private static string DateOf(DateTimeOffset used) => EndOf(used).AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static async Task<DateTimeOffset> NowAsync(Person anyone) => DateTimeOffset.Parse(Text(await anyone.GetAsync("/dev/clock"), "now"), CultureInfo.InvariantCulture);

    /// <summary>Moves the clock; what became due is done before it returns.</summary>
    private static async Task MoveToAsync(string url, DateTimeOffset time)
    {
        using var clock = new Person(url);
        await clock.PostAsync("/dev/clock", new { advance = (time - await NowAsync(clock)).ToString("c", CultureInfo.InvariantCulture) });
    }

    /// <summary>
    /// Starts the Billing Center, past the day's end, and kills it in the transaction that is about to write into a table which has so many rows:
    /// a trigger holds it there, so that the kill falls exactly on that step.
    /// </summary>
    private async Task KillBeforeAsync(DateTimeOffset used, string write, string table, int rows = 0, string when = "true")
    {
        await using var database = world.BillingCenterDatabase();
        await using var gate = await database.OpenConnectionAsync(Cancel);
        await ExecuteAsync(
            gate,
            $"""
            select pg_advisory_lock({Gate});
            create function public.wait_at_gate() returns trigger language plpgsql as
                $$ begin if {when} and (select count(*) from {table}) >= {rows} then perform pg_advisory_xact_lock({Gate}); end if; return new; end $$;
            create trigger wait_at_gate before {write} on {table} for each row execute function public.wait_at_gate();
            """);
        using var process = await world.StartBillingCenterProcessAsync(SmallBatches);
        var closing = MoveToAsync(world.Ports.BillingCenterUrl, EndOf(used).AddMinutes(20));
        await world.UntilInDatabaseAsync($"select count(*) from pg_locks where locktype = 'advisory' and objid = {Gate} and not granted", waiting => waiting > 0);
        await process.KillAsync();
        // Killed while it was closing the day, or after that, while it was telling the market.
        await closing.ContinueWith(_ => { }, Cancel, TaskContinuationOptions.None, TaskScheduler.Default);
        await ExecuteAsync(gate, $"select pg_advisory_unlock({Gate})");
        await ExecuteAsync(gate, $"drop trigger wait_at_gate on {table}; drop function public.wait_at_gate()");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private Task<long> BillCountAsync() => world.UntilInDatabaseAsync("select count(*) from settlement.bill", _ => true);

    private Task<long> AcceptedAsync(long count) =>
        world.UntilInDatabaseAsync("select count(*) from cloud_accounts.usage_push where state = 'accepted'", accepted => accepted == count);

    /// <summary>The amounts that the market charges: one that is sent again is listed, too, and refused.</summary>
    private async Task<decimal[]> RecordsAsync(string instanceId)
    {
        using var market = new Person(world.Places.MarketplaceUrl);
        return
        [
            .. from record in Items(await market.GetAsync($"/sim/usage?instanceId={instanceId}"))
               where Text(record, "verdict") != "rejected"
               select decimal.Parse(Text(record, "usageValue"), CultureInfo.InvariantCulture),
        ];
    }

    /// <summary>Each workspace uses 20 K task calls, and the Billing Center has been told of all days so far; answers when they were used.</summary>
    private async Task<DateTimeOffset> UseAsync(Customer me, int days)
    {
        using var clock = new Person(world.Places.Cn4Url);
        var time = await NowAsync(clock);
        foreach (var site in (await me.AllWorkspacesAsync()).GroupBy(workspace => Text(workspace, "site")))
        {
            using var agent = await world.StaffAsync(site.Key == "cn4" ? world.Places.Cn4Url : world.Places.Za1Url);
            var events = site.Select(workspace => new { id = $"day {days}", workspaceId = Text(workspace, "id"), item = "task-calls", quantity = 20_000, time }).ToArray();
            var answer = await agent.PostAsync("/api/usage", events);
            answer["accepted"]!.GetValue<int>().ShouldBe(events.Length, answer.ToJsonString());
        }

        // A site that hears late when a workspace's payer began cuts the hour there, and the part that has lost what was used stays with 0.
        await world.UntilInDatabaseAsync("select count(*) from settlement.usage_hour where quantity > 0", told => told == days * WorkspaceCount);
        return time;
    }
}
