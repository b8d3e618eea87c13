using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Workspaces.Contracts;
using static Guance.Billing.Workspaces.Tests.Usage.Metering;

namespace Guance.Billing.Workspaces.Tests.Usage;

public sealed class QuarantineTests(Site site)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Quarantined_usage_is_shown_told_and_taken_once_it_is_fine()
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();
        var tea = Event(workspace, "tea-1", "green-tea", "3", hour);
        (await site.SendAsync(tea, Event(workspace, "tea-2", "green-tea", "4", hour), Event(workspace, "bad", "logs", "-1", hour))).ShouldBe(
            "0 accepted, 0 duplicates, [0 unknown-item, 1 unknown-item, 2 quantity-invalid]");
        // Set aside once, however often it comes.
        await site.SendAsync(tea);
        using var op = site.Client(Scopes.Operator);

        var shown = await ListAsync(op, $"?workspaceId={workspace}&limit=2");
        shown.Items.Count.ShouldBe(2);
        var rest = await ListAsync(op, $"?workspaceId={workspace}&limit=2&cursor={shown.Next}");
        shown.Items.Concat(rest.Items).Select(e => $"{e.GetProperty("item")} {e.GetProperty("code")} {e.GetProperty("event")}").ShouldBe(
            [
                $"green-tea unknown-item {tea}", $"green-tea unknown-item {Event(workspace, "tea-2", "green-tea", "4", hour)}",
                $"logs quantity-invalid {Event(workspace, "bad", "logs", "-1", hour)}",
            ], ignoreOrder: true);
        (await ListAsync(op, $"?workspaceId={workspace}&code=quantity-invalid")).Items.Count.ShouldBe(1);
        await site.TellUsageAsync();
        (await ToldAsync(workspace)).ShouldBe(["green-tea unknown-item 2", "logs quantity-invalid 1"]);

        (await PostAsync(op, "retry", new { workspaceId = workspace.Value })).ShouldBe("""{"accepted":0,"duplicates":0,"waiting":3""");
        await site.TellAsync(site.Catalog(2, new MeteredItem("green-tea", ItemAggregation.Sum, [], null)));
        (await site.SendAsync(Event(workspace, "tea-2", "green-tea", "4", hour))).ShouldBe("1 accepted, 0 duplicates, []");
        (await PostAsync(op, "retry", new { code = "unknown-item", workspaceId = workspace.Value })).ShouldBe("""{"accepted":1,"duplicates":1,"waiting":0""");
        (await PostAsync(op, "retry", new { workspaceId = workspace.Value })).ShouldBe("""{"accepted":0,"duplicates":0,"waiting":1""");

        (await site.TotalsAsync(workspace)).ShouldBe([$"green-tea 0 {hour:HH:mm} {hour:HH:mm} = 7"]);
        (await ListAsync(op, $"?workspaceId={workspace}&state=taken")).Items.Count.ShouldBe(2);
        await site.TellUsageAsync();
        (await ToldAsync(workspace)).ShouldBe(["green-tea unknown-item 0", "logs quantity-invalid 1"]);
    }

    [Fact]
    public async Task Discarded_usage_is_kept_with_the_reason_and_is_never_taken()
    {
        var workspace = await site.WorkspaceAsync();
        var wrong = Event(workspace, "wrong", "logs", "-1", site.PastHour());
        await site.SendAsync(wrong);
        using var op = site.Client(Scopes.Operator);

        (await PostAsync(op, "discard", new { workspaceId = workspace.Value })).ShouldContain("reason-missing");
        (await PostAsync(op, "discard", new { reason = "all of it" })).ShouldContain("filter-missing");
        (await PostAsync(op, "discard", new { workspaceId = workspace.Value, reason = "a test" })).ShouldBe("""{"discarded":1""");
        (await PostAsync(op, "discard", new { workspaceId = workspace.Value, reason = "again" })).ShouldBe("""{"discarded":0""");
        await site.SendAsync(wrong);

        (await ListAsync(op, $"?workspaceId={workspace}")).Items.ShouldBeEmpty();
        var discarded = (await ListAsync(op, $"?workspaceId={workspace}&state=discarded")).Items.ShouldHaveSingleItem();
        (discarded.GetProperty("reason").GetString(), discarded.GetProperty("settledBy").GetString()).ShouldBe(("a test", "client:data-plane"));
        await site.TellUsageAsync();
        (await ToldAsync(workspace)).ShouldBe(["logs quantity-invalid 0"]);
    }

    [Fact]
    public async Task What_is_wrong_with_a_waiting_event_can_change()
    {
        var workspace = site.NewId();
        await site.SendAsync(Event(workspace, "early", "oolong", "1", site.PastHour()));
        await site.CreateAsync(workspace, "late-ann", createdAt: site.Now.AddDays(-1));
        using var op = site.Client(Scopes.Operator);

        (await PostAsync(op, "retry", new { code = "unknown-workspace", workspaceId = workspace.Value })).ShouldBe("""{"accepted":0,"duplicates":0,"waiting":1""");

        (await ListAsync(op, $"?workspaceId={workspace}")).Items.ShouldHaveSingleItem().GetProperty("code").GetString().ShouldBe("unknown-item");
        await site.TellUsageAsync();
        (await ToldAsync(workspace)).ShouldBe(["oolong unknown-item 1", "oolong unknown-workspace 0"]);
    }

    private static async Task<(IReadOnlyList<JsonElement> Items, string? Next)> ListAsync(HttpClient op, string query)
    {
        var page = await op.GetFromJsonAsync<JsonElement>(new Uri("/api/operator/quarantine" + query, UriKind.Relative), Ct);
        return ([.. page.GetProperty("items").EnumerateArray()], page.GetProperty("nextCursor").GetString());
    }

    /// <summary>The answer, up to where it says where to go on.</summary>
    private static async Task<string> PostAsync(HttpClient op, string what, object body)
    {
        using var answer = await op.PostAsJsonAsync(new Uri("/api/operator/quarantine/" + what, UriKind.Relative), body, Ct);
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.BadRequest);
        return (await answer.Content.ReadAsStringAsync(Ct)).Split(",\"nextCursor")[0];
    }

    /// <summary>The last word about each kind of a workspace's quarantined usage.</summary>
    private async Task<IEnumerable<string>> ToldAsync(WorkspaceId workspace) =>
        (await site.ToldAsync<UsageQuarantinedIntegrationEvent>("usage-quarantined")).SelectMany(told => told.Kinds).Where(kind => kind.WorkspaceId == workspace.Value)
        .GroupBy(kind => (kind.Item, kind.Code)).Select(kind => $"{kind.Key.Item} {kind.Key.Code} {kind.Last().Count}").Order(StringComparer.Ordinal);
}
