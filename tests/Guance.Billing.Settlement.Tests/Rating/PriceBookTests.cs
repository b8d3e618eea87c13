using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Publishing;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using static Guance.Billing.Settlement.Tests.Rating.RatedCenter;

namespace Guance.Billing.Settlement.Tests.Rating;

/// <summary>Prices (rules §7) and what sites learn of them.</summary>
public sealed class PriceBookTests
{
    [Fact]
    public async Task The_default_book_holds_from_the_first_start_and_its_own_content_publishes_nothing()
    {
        await using var center = await StartAsync();
        await using (await center.Deployment.StartNodeAsync())
        {
            using var client = await center.OperatorAsync();
            var book = await client.ReadAsync("/api/operator/price-book");
            ((int)book["version"]!, book["prices"]!.AsArray().Count).ShouldBe((1, 133));
            var csv = await client.GetStringAsync("/api/operator/price-book.csv");
            csv.ShouldContain("time-series,max,series,1000,3,CNY,china,0.6,2025-01-01\n");
            var (status, answer) = await PublishAsync(client, csv);
            (status, (int)answer["version"]!, (bool)answer["published"]!).ShouldBe((200, 1, false));
            (await client.ReadAsync("/api/operator/price-book/versions"))["items"]!.AsArray().Count.ShouldBe(1);
            (await client.SendAsync(HttpMethod.Get, "/api/operator/price-book?version=2")).ShouldRefuse(404, "price-book-version-unknown");
        }
    }

    [Fact]
    public async Task A_price_holds_from_its_day_on_and_a_preview_changes_nothing()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync();
        using var client = await center.OperatorAsync();
        var csv = await client.GetStringAsync("/api/operator/price-book.csv") + Line("logs", "7", 1.5m, center.Day0.AddDays(1));
        var (status, preview) = await PublishAsync(client, csv, preview: true);
        (status, (bool)preview["published"]!, (string)preview["added"]![0]!["price"]!["amount"]!).ShouldBe((200, false, "1.50"));
        (await client.ReadAsync("/api/operator/price-book/versions"))["items"]!.AsArray().Count.ShouldBe(1);
        ((bool)(await PublishAsync(client, csv)).Json["published"]!).ShouldBeTrue();

        await center.TellAsync(center.Cell(workspace, "logs", 7, 1_000_000), center.Cell(workspace, "logs", 7, 1_000_000, day: 1));
        await center.CloseAsync(1);
        (await center.LinesAsync()).Select(line => line.Amount).ShouldBe([1.2m, 1.5m]);

        // The closed days' prices stand; later ones can still change.
        (await PublishAsync(client, csv.Replace(Line("logs", "7", 1.5m, center.Day0.AddDays(1)), Line("logs", "7", 1.6m, center.Day0.AddDays(1)), StringComparison.Ordinal)))
            .ShouldRefuse(409, "price-changes-closed-day");
        (await PublishAsync(client, csv + Line("logs", "7", 1.4m, center.Day0))).ShouldRefuse(409, "price-changes-closed-day");
        (await PublishAsync(client, csv + Line("logs", "7", 1.6m, center.Day0.AddDays(2)))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_book_is_refused_whole_with_every_error_and_its_line()
    {
        await using var center = await StartAsync();
        using var client = await center.OperatorAsync();
        var csv = await client.GetStringAsync("/api/operator/price-book.csv");
        var last = csv.Count(c => c == '\n');
        var (status, refusal) = await PublishAsync(client, csv + "logs,mean,record,0,7,CNY,china,-1,2026-02-30\nlogs,sum\n");
        (status, (string?)refusal["code"]).ShouldBe((400, "price-book-invalid"));
        refusal["errors"]!.AsArray().Select(error => (int)error!["line"]!).ShouldBe([last + 1, last + 1, last + 1, last + 1, last + 2]);
        (await PublishAsync(client, csv + "logs,sum,record,1000000,7,CNY,china,9,2025-01-01\n")).ShouldRefuse(400, "price-book-invalid");
        (await PublishAsync(client, string.Join('\n', csv.Split('\n').Where(line => !line.StartsWith("logs,sum,record,1000000,7,CNY,china", StringComparison.Ordinal))))).ShouldRefuse(422, "price-removed");
        (await PublishAsync(client, "")).ShouldRefuse(400, "price-book-invalid");
        (await client.ReadAsync("/api/operator/price-book/versions"))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Each_site_is_told_the_items_of_its_region_whenever_they_change()
    {
        await using var center = await StartAsync();
        var first = (await CatalogsAsync(center)).ShouldHaveSingleItem();
        var logs = first.Items.Single(item => item.Code == "logs");
        (logs.Aggregation, logs.DefaultRetentionDays).ShouldBe((ItemAggregation.Sum, 14));
        (first.Items.Single(item => item.Code == "time-series").DefaultRetentionDays, first.Items.Single(item => item.Code == "sms").RetentionDays.Count).ShouldBe((7, 0));

        using var client = await center.OperatorAsync();
        var csv = await client.GetStringAsync("/api/operator/price-book.csv");
        (await PublishAsync(client, csv + Line("logs", "90", 9m, center.Day0) + Line("logs", "180", 9m, center.Day0.AddDays(2)))).Status.ShouldBe(200);
        await center.RunJobsAsync();
        await center.RunJobsAsync();
        var second = (await CatalogsAsync(center))[^1];
        second.Items.Single(item => item.Code == "logs").RetentionDays.ShouldBe([.. logs.RetentionDays, 90]);
        (await CatalogsAsync(center)).Length.ShouldBe(2, "the same is not told twice");

        // A price that begins later is told on its day.
        await center.Deployment.AdvanceAsync(TimeSpan.FromDays(2));
        (await CatalogsAsync(center))[^1].Items.Single(item => item.Code == "logs").RetentionDays.ShouldBe([.. logs.RetentionDays, 90, 180]);
    }

    private static async Task<ItemCatalogPublishedIntegrationEvent[]> CatalogsAsync(RatedCenter center)
    {
        await using var session = center.Deployment.Services.GetRequiredService<IDocumentStore>().QuerySession();
        IIntegrationEventMapper publisher = new SettlementPublisher();
        return [.. (await session.Events.FetchStreamAsync(ItemCatalog.Key(BillingCenter.Cn4))).Select(publisher.Map).Cast<ItemCatalogPublishedIntegrationEvent>()];
    }

    private static string Line(string item, string retention, decimal price, DateOnly from) =>
        string.Create(CultureInfo.InvariantCulture, $"{item},sum,record,1000000,{retention},CNY,china,{price},{from:yyyy-MM-dd}\n");

    private static async Task<(int Status, JsonNode Json)> PublishAsync(HttpClient client, string csv, bool preview = false)
    {
        using var content = new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));
        using var answer = await client.PostAsync($"/api/operator/price-book?preview={(preview ? "true" : "false")}", content);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
