using System.Text.Json.Nodes;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tests.Rating;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Settlement.Tests.Checks;

/// <summary>Rules §9: whatever is damaged is found, with its amount; billing stops for that account alone, and goes on once it is repaired.</summary>
public sealed class ChecksTests
{
    [Fact]
    public async Task Each_kind_of_damage_is_found_with_its_exact_amount_and_nothing_else_is()
    {
        await using var center = await RatedCenter.StartAsync();
        async Task<WorkspaceId> BillAsync(CloudLink? cloud = null)
        {
            var workspace = await center.BindAsync(cloud);
            await center.TellAsync(center.Cell(workspace, "task-calls", 0, 20_000), center.Cell(workspace, "logs", 7, 2_000_000), center.Cell(workspace, "scheduled-report", 0, 3));
            return workspace;
        }

        var lineAmount = await BillAsync();
        var lineLost = await BillAsync();
        var billAmount = await BillAsync();
        var billLost = await BillAsync();
        var price = await BillAsync();
        var quantity = await BillAsync();
        var carried = await BillAsync();
        var usage = await BillAsync();
        var unpaid = await BillAsync();
        var entry = await BillAsync();
        var wallet = await BillAsync();
        var due = await BillAsync(RatedCenter.Cloud);
        var fine = await BillAsync();
        await center.CloseAsync();
        using var staff = await center.OperatorAsync();
        (await ViolationsAsync(staff)).ShouldBeEmpty("an undisturbed day has none");

        await DamageAsync(center, $"update settlement.bill_line set amount = amount + 1 where workspace = '{lineAmount.Uuid()}' and item = 'logs'");
        await DamageAsync(center, $"delete from settlement.bill_line where workspace = '{lineLost.Uuid()}' and item = 'logs'");
        await DamageAsync(center, $"update settlement.bill set total = total - 0.4 where workspace = '{billAmount.Uuid()}'");
        await DamageAsync(center, $"delete from settlement.bill_line where workspace = '{billLost.Uuid()}'");
        await DamageAsync(center, $"delete from settlement.bill where workspace = '{billLost.Uuid()}'");
        await DamageAsync(center, $"update settlement.bill_line set price = 9 where workspace = '{price.Uuid()}' and item = 'logs'");
        await DamageAsync(center, $"update settlement.bill_line set quantity = 1000000 where workspace = '{quantity.Uuid()}' and item = 'logs'");
        await DamageAsync(center, $"insert into settlement.carry values ('{carried.Uuid()}', 'logs', 7, 'billing-center', 0.004) on conflict (workspace, item, retention_days, payer) do update set residue = 0.004");
        await DamageAsync(center, $"delete from settlement.usage_hour where workspace = '{usage.Uuid()}' and item = 'logs'");
        await DamageAsync(center, "alter table settlement.journal_entry disable trigger append_only");
        await DamageAsync(center, $"delete from settlement.journal_entry where account_id = '{await AccountAsync(center, unpaid)}'");
        await DamageAsync(center, $"update settlement.journal_entry set amounts = array[-1, 1] where account_id = '{await AccountAsync(center, entry)}'");
        await DamageAsync(center, $"update settlement.wallet set cash = cash + 50 where account_id = '{await AccountAsync(center, wallet)}'");
        await DamageAsync(center, $"update settlement.cloud_due set total = total + 0.5 where payer = '{RatedCenter.CloudPayer}'");
        (await staff.SendAsync(HttpMethod.Post, "/api/operator/checks", new { from = center.Day0, to = center.Day0 })).Status.ShouldBe(200);

        var found = await ViolationsAsync(staff);
        // 2 M logs are 2.40, 20 K task calls 2, 3 reports 3: 7.40.
        Of(lineAmount).ShouldBe([("bill-is-its-lines", 8.4m, 7.4m), ("line-is-rounded-right", 2.4m, 3.4m)]);
        Of(lineLost).ShouldBe([("bill-is-its-lines", 5m, 7.4m), ("usage-is-charged", 7.4m, 5m)]);
        Of(billAmount).ShouldBe([("bill-is-its-lines", 7.4m, 7m), ("bill-is-paid-once", 7m, 7.4m)]);
        Of(billLost).ShouldBe([("usage-is-charged", 7.4m, 0m)]);
        Of(price).ShouldBe([("line-has-the-books-price", null, 9m), ("line-is-quantity-times-price", 18m, 2.4m)]);
        Of(quantity).ShouldBe([("line-is-quantity-times-price", 1.2m, 2.4m)]);
        Of(carried).ShouldBe([("carried-is-what-rounding-left", 0m, 0.004m)]);
        Of(usage).ShouldBe([("usage-is-charged", 5m, 7.4m)]);
        OfAccount(await AccountAsync(center, unpaid)).ShouldBe([("bill-is-paid-once", 7.4m, 0m), ("journal-is-as-written", null, null)]);
        OfAccount(await AccountAsync(center, entry)).ShouldBe([("bill-is-paid-once", 7.4m, 1m), ("journal-is-as-written", null, null)]);
        OfAccount(await AccountAsync(center, wallet)).ShouldBe([("journal-is-as-written", null, null)]);
        OfAccount(await AccountAsync(center, due)).ShouldBe([("a-cloud-owes-what-was-charged", 7.4m, 7.9m)]);
        OfAccount(await AccountAsync(center, fine)).ShouldBeEmpty();
        found.ShouldAllBe(violation => ((string)violation["repair"]!).Length > 0 && ((string)violation["what"]!).Length > 0);

        IReadOnlyList<(string Check, decimal? Expected, decimal? Found)> Of(WorkspaceId workspace) =>
            Figures(found.Where(violation => (string?)violation["workspaceId"] == workspace.Value));

        IReadOnlyList<(string Check, decimal? Expected, decimal? Found)> OfAccount(string account) =>
            Figures(found.Where(violation => (string?)violation["billingAccountId"] == account));
    }

    [Fact]
    public async Task Billing_stops_for_a_violated_account_alone_and_makes_up_its_days_once_it_is_repaired()
    {
        await using var center = await RatedCenter.StartAsync();
        var broken = await center.BindAsync();
        var fine = await center.BindAsync();
        for (var day = 0; day < 4; day++)
        {
            await center.TellAsync(center.Cell(broken, "task-calls", 0, 10_000, day), center.Cell(fine, "task-calls", 0, 10_000, day));
        }

        await center.CloseAsync();
        await DamageAsync(center, $"update settlement.bill set total = 7 where workspace = '{broken.Uuid()}'");
        using var staff = await center.OperatorAsync();
        await staff.SendAsync(HttpMethod.Post, "/api/operator/checks", new { from = center.Day0, to = center.Day0 });
        await center.CloseAsync(1);
        await center.CloseAsync(2);

        (await center.LinesAsync(fine)).Count.ShouldBe(3);
        (await center.LinesAsync(broken)).Count.ShouldBe(1, "billing has stopped");

        await DamageAsync(center, $"update settlement.bill set total = 1 where workspace = '{broken.Uuid()}'");
        await staff.SendAsync(HttpMethod.Post, "/api/operator/checks", new { from = center.Day0, to = center.Day0 });
        (await ViolationsAsync(staff)).ShouldBeEmpty("it was repaired");
        await center.CloseAsync(3);

        (await center.LinesAsync(broken)).Select(line => (line.Day, line.Amount)).ShouldBe(
            [.. Enumerable.Range(0, 4).Select(day => (center.Day0.AddDays(day), 1m))], "each day was made up for, once");
        (await center.ScalarAsync<decimal>($"select cash from settlement.wallet where account_id = '{await AccountAsync(center, broken)}'")).ShouldBe(-4);
        (await staff.SendAsync(HttpMethod.Post, "/api/operator/checks", new { from = center.Day0, to = center.Day0.AddDays(3) })).Json["open"]!.GetValue<long>().ShouldBe(0);
    }

    private static IReadOnlyList<(string Check, decimal? Expected, decimal? Found)> Figures(IEnumerable<JsonNode> violations) =>
        [.. violations.Select(violation => ((string)violation["check"]!, (decimal?)violation["expected"], (decimal?)violation["found"])).OrderBy(figure => figure.Item1, StringComparer.Ordinal)];

    private static async Task<IReadOnlyList<JsonNode>> ViolationsAsync(HttpClient staff) =>
        [.. (await staff.ReadAsync("/api/operator/violations?limit=500"))["items"]!.AsArray().Select(item => item!)];

    private static async Task<string> AccountAsync(RatedCenter center, WorkspaceId workspace) =>
        await center.ScalarAsync<string>($"select account_key from settlement.mt_doc_workspacesettlement where id = '{workspace}'");

    private static async Task DamageAsync(RatedCenter center, string sql)
    {
        await using var damage = center.Deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await damage.ExecuteNonQueryAsync();
    }
}
