using System.IO.Compression;
using System.Net;
using System.Text;
using Guance.Billing.Platform.Access;
using Guance.Billing.TestKit;
using static Guance.Billing.Workspaces.Tests.Usage.Metering;

namespace Guance.Billing.Workspaces.Tests.Usage;

public sealed class IngestTests(Site site)
{
    [Fact]
    public async Task Counted_items_add_up_and_gauges_keep_their_highest_sample_by_retention_and_hour()
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();

        (await site.SendAsync(
            Event(workspace, "1", "logs", "10.5", hour), Event(workspace, "2", "logs", "0.000001", hour.AddMinutes(59)),
            Event(workspace, "3", "logs", "1", hour.AddMinutes(1), retention: 30), Event(workspace, "4", "series", "70", hour),
            Event(workspace, "5", "calls", "5", hour.AddHours(1), retention: 99))).ShouldBe("5 accepted, 0 duplicates, []");
        (await site.SendAsync(Event(workspace, "6", "series", "60", hour), Event(workspace, "7", "calls", "5", hour.AddHours(1)))).ShouldBe("2 accepted, 0 duplicates, []");

        (await site.TotalsAsync(workspace)).ShouldBe(
        [
            $"calls 0 {hour.AddHours(1):HH:mm} {hour.AddHours(1):HH:mm} = 10", $"logs 30 {hour:HH:mm} {hour:HH:mm} = 1",
            $"logs 7 {hour:HH:mm} {hour:HH:mm} = 10.500001", $"series 3 {hour:HH:mm} {hour:HH:mm} = 70",
        ]);
    }

    [Fact]
    public async Task An_event_counts_once_however_often_it_comes()
    {
        var workspace = await site.WorkspaceAsync();
        var other = await site.WorkspaceAsync();
        var hour = site.PastHour();
        var e = Event(workspace, "once", "logs", "2.50", hour);

        (await site.SendAsync(e, Event(other, "once", "logs", "1", hour), Event(workspace, "once", "logs", "2.5", hour))).ShouldBe("2 accepted, 1 duplicates, []");
        (await site.SendAsync(e)).ShouldBe("0 accepted, 1 duplicates, []");

        await using (var node = await site.Deployment.StartNodeAsync())
        {
            using var client = site.Client(Scopes.UsageWrite);
            using var content = new StringContent($"[{e}]", Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri(node.Urls.Single() + "/api/usage"), content, TestContext.Current.CancellationToken);
            (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("""{"accepted":0,"duplicates":1,"quarantined":[]}""");
            await node.StopAsync(TestContext.Current.CancellationToken);
        }

        (await site.TotalsAsync(workspace)).ShouldBe([$"logs 7 {hour:HH:mm} {hour:HH:mm} = 2.5"]);
    }

    [Fact]
    public async Task The_same_events_sent_at_the_same_time_count_once()
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();
        var events = Enumerable.Range(0, 300).Select(n => Event(workspace, $"race-{n}", "logs", "1", hour)).ToArray();

        var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => site.IngestAsync(n % 2 == 0 ? events : events.Reverse())));

        taken.Sum(one => one.Accepted).ShouldBe(300);
        taken.Sum(one => one.Duplicates).ShouldBe(1500);
        (await site.TotalsAsync(workspace)).ShouldBe([$"logs 7 {hour:HH:mm} {hour:HH:mm} = 300"]);
    }

    [Theory]
    [InlineData("calls", "1", 0, null)]
    [InlineData("logs", "2", 0, null)]
    [InlineData("logs", "1", 3600, null)]
    [InlineData("logs", "1", 86400, null)]
    [InlineData("logs", "1", 0, 30)]
    public async Task An_id_that_comes_again_with_another_content_is_set_aside(string item, string quantity, int secondsEarlier, int? retention)
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();
        var first = Event(workspace, "reused", "logs", "1", hour);
        var second = Event(workspace, "reused", item, quantity, hour.AddSeconds(-secondsEarlier), retention);

        (await site.SendAsync(first, second)).ShouldBe("1 accepted, 0 duplicates, [1 event-id-reused]");
        (await site.SendAsync(second, first)).ShouldBe("0 accepted, 1 duplicates, [0 event-id-reused]");

        (await site.TotalsAsync(workspace)).ShouldBe([$"logs 7 {hour:HH:mm} {hour:HH:mm} = 1"]);
    }

    [Fact]
    public async Task What_cannot_be_counted_is_set_aside_with_its_reason()
    {
        var (workspace, old, expired, locked, dissolved) = (
            await site.WorkspaceAsync(), await site.WorkspaceAsync(days: 500), await site.WorkspaceAsync(), await site.WorkspaceAsync(), await site.WorkspaceAsync("gone-ann"));
        await site.TellAsync(Site.Locked(expired, 2, site.Now.AddDays(-15)), Site.Locked(locked, 2, site.Now.AddDays(-3)));
        await site.Deployment.SendAsync(new Workspaces.Contracts.DissolveWorkspace(dissolved, "gone-ann", "user:gone-ann", "Mine"));
        var now = site.Now;
        var early = site.NewId();
        await site.TellAsync(site.Bound(early));
        (string Event, string? Code)[] cases =
        [
            (Event(workspace, "ok", "logs", "0", now), null),
            (Event(workspace, "ahead", "logs", "1", now.AddMinutes(9)), null),
            (Event(locked, "buffer", "logs", "1", now), null),
            (Event(expired, "in-buffer", "logs", "1", now.AddDays(-2)), null),
            (Event(expired, "after-buffer", "logs", "1", now.AddDays(-1)), "workspace-expired"),
            (Event(dissolved, "before-the-end", "logs", "1", now.AddDays(-1)), null),
            (Event(dissolved, "after-the-end", "logs", "1", now.AddMinutes(1)), "workspace-dissolved"),
            (Event(site.NewId(), "nobody", "logs", "1", now), "unknown-workspace"),
            (Event(early, "not-created", "logs", "1", now), "unknown-workspace"),
            (Event(workspace, "id", "logs", "1", now).Replace("wksp_", "ws-", StringComparison.Ordinal), "unknown-workspace"),
            (Event(workspace, "item", "tea", "1", now), "unknown-item"),
            (Event(workspace, "retention", "logs", "1", now, retention: 8), "unknown-retention"),
            (Event(workspace, "negative", "logs", "-1", now), "quantity-invalid"),
            (Event(workspace, "decimals", "logs", "0.0000001", now), "quantity-invalid"),
            (Event(workspace, "tiny", "logs", "1e-60", now), "quantity-invalid"),
            (Event(workspace, "huge", "logs", "1e16", now), "quantity-invalid"),
            (Event(workspace, "text", "logs", "\"1\"", now), "quantity-invalid"),
            (Event(workspace, "exponent", "logs", "25E-1", now), null),
            (Event(workspace, "local", "logs", "1", now).Replace("+00:00", "", StringComparison.Ordinal), "time-invalid"),
            (Event(workspace, "escaped", "logs", "1", now).Replace("+00:00", "\\u002B00:00", StringComparison.Ordinal), null),
            (Event(workspace, "no-time", "logs", "1", now).Replace("+00:00", "\\ud800", StringComparison.Ordinal), "time-invalid"),
            (Event(workspace, "future", "logs", "1", now.AddMinutes(12)), "time-in-future"),
            (Event(workspace, "before", "logs", "1", now.AddDays(-31)), "before-workspace"),
            (Event(old, "old", "logs", "1", now.AddDays(-401)), "time-too-old"),
            (Event(workspace, "", "logs", "1", now), "event-invalid"),
            (Event(workspace, new string('x', 257), "logs", "1", now), "event-invalid"),
            (Event(workspace, "nul\\u0000", "logs", "1", now), "event-invalid"),
            (Event(workspace, "half\\ud800", "logs", "1", now), "event-invalid"),
            (Event(workspace, "missing", "logs", "1", now).Replace("\"item\"", "\"items\"", StringComparison.Ordinal), "event-invalid"),
            ("7", "event-invalid"),
            ("{}", "event-invalid"),
        ];

        var answer = await site.SendAsync(cases.Select(c => c.Event));

        answer.ShouldBe(
            $"{cases.Count(c => c.Code is null)} accepted, 0 duplicates, [{string.Join(", ", cases.Index().Where(c => c.Item.Code is not null).Select(c => $"{c.Index} {c.Item.Code}"))}]");
    }

    [Fact]
    public async Task Lines_and_gzip_are_taken_like_an_array()
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();
        var lines = Encoding.UTF8.GetBytes($"{Event(workspace, "1", "logs", "1", hour)}\n{Event(workspace, "2", "logs", "1", hour)}\r\n\n");
        var (_, first) = await site.PostAsync(lines, "application/x-ndjson");
        var (_, second) = await site.PostAsync(Zipped(lines), "application/x-ndjson", "gzip");
        var (_, third) = await site.PostAsync(Zipped(Encoding.UTF8.GetBytes($"[{Event(workspace, "3", "logs", "1", hour)}]")), encoding: "gzip");

        Told(first).ShouldBe("2 accepted, 0 duplicates, []");
        Told(second).ShouldBe("0 accepted, 2 duplicates, []");
        Told(third).ShouldBe("1 accepted, 0 duplicates, []");
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_is_refused_whole_and_says_where()
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();
        var good = Event(workspace, "good", "logs", "1", hour);

        await Refused($"[{good},\n{{\"id\":]", HttpStatusCode.BadRequest, "body-unreadable", "line 2, position 7");
        await Refused($"[{good}", HttpStatusCode.BadRequest, "body-unreadable", "line 1");
        await Refused($"[{good}] {good}", HttpStatusCode.BadRequest, "body-unreadable", "line 1");
        await Refused(good, HttpStatusCode.BadRequest, "body-unreadable", "no JSON array");
        await Refused("[]", HttpStatusCode.BadRequest, "events-missing", "1 to 10000");
        await Refused($"[{string.Join(',', Enumerable.Repeat("{}", 10_001))}]", HttpStatusCode.BadRequest, "too-many-events", "10000");
        Code(await site.PostAsync([(byte)'[', (byte)'"', 0xff, (byte)'"', (byte)']'])).ShouldBe((HttpStatusCode.BadRequest, "body-unreadable"));
        Code(await site.PostAsync(Encoding.UTF8.GetBytes($"[{good}]"), encoding: "gzip")).ShouldBe((HttpStatusCode.BadRequest, "body-unreadable"));
        Code(await site.PostAsync(Encoding.UTF8.GetBytes($"[{good}]"), encoding: "br")).ShouldBe((HttpStatusCode.BadRequest, "content-encoding-unknown"));
        Code(await site.PostAsync(Encoding.UTF8.GetBytes($"[{good}]"), "text/plain")).ShouldBe((HttpStatusCode.UnsupportedMediaType, "unsupported-media-type"));
        Code(await site.PostAsync(Zipped(new byte[17 << 20]), encoding: "gzip")).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "body-too-large"));
        Code(await site.PostAsync(Encoding.UTF8.GetBytes($"[{good}]"), scope: Scopes.AccessRead)).ShouldBe((HttpStatusCode.Forbidden, "scope-missing"));

        (await site.TotalsAsync(workspace)).ShouldBeEmpty();

        async Task Refused(string body, HttpStatusCode status, string code, string says)
        {
            var answer = await site.PostAsync(Encoding.UTF8.GetBytes(body));
            Code(answer).ShouldBe((status, code));
            answer.Body.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(says);
        }
    }

    [Fact]
    public async Task As_many_events_as_are_allowed_are_taken_at_once()
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();
        (await site.SendAsync(Enumerable.Range(0, 10_000).Select(n => Event(workspace, $"n{n}", "logs", "1", hour)))).ShouldBe("10000 accepted, 0 duplicates, []");
        (await site.TotalsAsync(workspace)).ShouldBe([$"logs 7 {hour:HH:mm} {hour:HH:mm} = 10000"]);
    }

    [Fact]
    public async Task A_site_that_does_not_know_what_may_be_metered_takes_nothing()
    {
        await using var deployment = await TestDeployment.StartAsync([new WorkspacesModule()], "cn4");
        using var client = site.Client(Scopes.UsageWrite);
        using var content = new StringContent($"[{Event(site.NewId(), "1", "logs", "1", site.Now)}]", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri(deployment.Url, "/api/usage"), content, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"item-catalog-missing\"");
    }

    private static (HttpStatusCode Status, string? Code) Code((HttpStatusCode Status, System.Text.Json.JsonElement Body) answer) =>
        (answer.Status, answer.Body.GetProperty("code").GetString());

    private static byte[] Zipped(byte[] body)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return zipped.ToArray();
    }
}
