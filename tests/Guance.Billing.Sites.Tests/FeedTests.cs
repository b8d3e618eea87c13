using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Guance.Billing.Platform.Access;
using Guance.Billing.Sites.Feed;
using Guance.Billing.Platform.Writing;
using Guance.Billing.TestKit;
using Marten;
using Marten.Services;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Sites.Tests;

public sealed class FeedTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_Billing_Center_decides_reaches_the_site_that_it_is_for_and_the_answer_comes_back()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4", "za1");

        await world.Center.AppendAsync(new NoteWritten("cn4", "n1", "hello"), new Unrelated(1), new NoteWritten("za1", "n2", "hi"), new NoteWritten("cn4", "n3", "bye"));
        await world.Site.AppendAsync(new ReplyWritten("n1", "thanks"));

        await Eventually.Until(async () => (await world.Site.KeptAsync()).SequenceEqual(["n1", "n3"]));
        await Eventually.Until(async () => (await world.Center.KeptAsync()).SequenceEqual(["n1"]));
        (await world.Center.PositionsAsync("cn4")).ShouldBe([1, 2]);
        (await world.Center.PositionsAsync("za1")).ShouldBe([1]);
        (await world.Site.PositionsAsync("billing-center")).ShouldBe([1]);
    }

    [Fact]
    public async Task No_message_is_lost_doubled_or_skipped_while_transactions_overlap_commit_late_and_roll_back()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");
        var store = world.Center.Services.GetRequiredService<IDocumentStore>();
        var dataSource = world.Center.Services.GetRequiredService<NpgsqlDataSource>();
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();

        // It takes its sequence numbers first and commits last, later than Marten waits before it gives a number up for lost.
        var late = HoldAsync(["late-1", "late-2"], () => clock.GetElapsedTime(start) > TimeSpan.FromSeconds(5), commit: true);
        var committed = await Task.WhenAll(Enumerable.Range(0, 6).Select(async writer =>
        {
            var ids = new List<string>();
            for (var i = 0; i < 25; i++)
            {
                var id = $"w{writer}-{i}";
                if (i % 5 == 4)
                {
                    await HoldAsync([$"never-{id}"], () => true, commit: false);
                }
                else if (i % 7 == 3)
                {
                    var from = clock.GetTimestamp();
                    await HoldAsync([id, id + "b"], () => clock.GetElapsedTime(from) > TimeSpan.FromMilliseconds(40), commit: true);
                    ids.AddRange([id, id + "b"]);
                }
                else
                {
                    await world.Center.AppendAsync(new NoteWritten("cn4", id, "text"));
                    ids.Add(id);
                }
            }

            return ids;
        }));
        (await world.Site.KeptAsync()).ShouldNotContain("late-1");
        await late;
        var expected = committed.SelectMany(ids => ids).Concat(["late-1", "late-2"]).Order(StringComparer.Ordinal).ToArray();

        await Eventually.Until(async () => (await world.Site.KeptAsync()).Count >= expected.Length, TimeSpan.FromSeconds(60));

        (await world.Site.KeptAsync()).Order(StringComparer.Ordinal).ShouldBe(expected);
        (await world.Site.KeptAsync("second")).Order(StringComparer.Ordinal).ShouldBe(expected);
        (await world.Center.PositionsAsync("cn4")).ShouldBe(Enumerable.Range(1, expected.Length).Select(n => (long)n));
        var inLog = await world.Center.ColumnAsync<string>("select data ->> 'noteId' from events.mt_events order by seq_id");
        (await world.Site.KeptAsync()).ShouldBe(inLog);

        async Task HoldAsync(string[] ids, Func<bool> until, bool commit)
        {
            await using var connection = await dataSource.OpenConnectionAsync(Cancel);
            await using var transaction = await connection.BeginTransactionAsync(Cancel);
            await using var session = store.OpenSession(SessionOptions.ForTransaction(transaction));
            LinkHost.Append(session, [.. ids.Select(id => new NoteWritten("cn4", id, "text"))]);
            await session.SaveChangesAsync(Cancel);
            await Eventually.Until(until);
            if (commit)
            {
                await transaction.CommitAsync(Cancel);
            }
        }
    }

    [Fact]
    public async Task Two_writers_at_once_make_neither_a_gap_nor_a_double()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        // A second daemon that asks nobody for leadership, as after a failover that the first leader has not noticed.
        await using var second = await world.NodeAsync("billing-center", Ports.Free());
        using var daemon = await second.Services.GetRequiredService<IDocumentStore>().BuildProjectionDaemonAsync();
        await daemon.StartAllAsync();

        for (var i = 0; i < 40; i++)
        {
            await world.Center.AppendAsync([.. Enumerable.Range(0, 10).Select(n => new NoteWritten("cn4", $"n{i}-{n}", "text"))]);
        }

        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).Count >= 400, TimeSpan.FromSeconds(60));
        await daemon.StopAllAsync();
        (await world.Center.PositionsAsync("cn4")).ShouldBe(Enumerable.Range(1, 400).Select(n => (long)n));
        (await world.Center.ColumnAsync<string>("select subject from link.feed_message order by position"))
            .ShouldBe(await world.Center.ColumnAsync<string>("select data ->> 'noteId' from events.mt_events order by seq_id"));
    }

    /// <summary>As after a failover that the first leader has not noticed: another one has moved on, and this one, which was behind it, goes on from where it was.</summary>
    [Fact]
    public async Task A_writer_whose_place_was_taken_writes_nothing_before_it_has_found_its_place_again()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        await world.Center.AppendAsync(new NoteWritten("cn4", "n1", "text"));
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).Count == 1);
        await using (var connection = await world.Center.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Cancel))
        await using (var transaction = await connection.BeginTransactionAsync(Cancel))
        {
            await using var take = new NpgsqlCommand("update events.mt_event_progression set last_seq_id = 2 where name = 'link.feed:All'", connection, transaction);
            await take.ExecuteNonQueryAsync(Cancel);
            await world.Center.AppendAsync(new Unrelated(1), new NoteWritten("cn4", "n2", "text"));
            await Eventually.Until(async () => (await world.Center.ColumnAsync<int>("select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")).Count > 0);
            await transaction.CommitAsync(Cancel);
        }

        await Eventually.Until(async () => (await world.Center.ColumnAsync<long>("select last_seq_id from events.mt_event_progression where name = 'link.feed:All'")).SequenceEqual([3]));
        await world.Center.AppendAsync(new NoteWritten("cn4", "n3", "text"));
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).SequenceEqual([1, 2, 3]));
    }

    [Fact]
    public async Task Only_the_peer_itself_reads_its_feed()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        await world.Center.AppendAsync(new NoteWritten("cn4", "n1", "hello"));

        await StatusAsync("site-cn4", Scopes.Link, HttpStatusCode.OK);
        await StatusAsync("site-za1", Scopes.Link, HttpStatusCode.NotFound);
        await StatusAsync("cn4", Scopes.Link, HttpStatusCode.NotFound);
        await StatusAsync("site-cn4", Scopes.Operator, HttpStatusCode.Forbidden);
        using var anybody = new HttpClient();
        using var nothing = await anybody.GetAsync(world.UrlOf("billing-center") + "/feed/cn4", Cancel);
        nothing.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        async Task StatusAsync(string client, string scope, HttpStatusCode expected)
        {
            using var answer = await world.GetAsync("billing-center", "/feed/cn4", client, scope);
            answer.StatusCode.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task A_page_starts_after_the_position_asked_for_and_ends_at_the_limit()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        await world.Center.AppendAsync([.. Enumerable.Range(1, 5).Select(n => new NoteWritten("cn4", $"n{n}", "text"))]);
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).Count == 5);

        using var answer = await world.GetAsync("billing-center", "/feed/cn4?after=1&limit=3", "site-cn4");
        var page = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);

        page.GetProperty("lastPosition").GetInt64().ShouldBe(5);
        page.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("position").GetInt64()).ShouldBe([2, 3, 4]);
        var message = page.GetProperty("messages")[0];
        message.GetProperty("name").GetString().ShouldBe("note");
        message.GetProperty("subject").GetString().ShouldBe("n2");
        message.GetProperty("sourceVersion").GetInt64().ShouldBe(1);
        message.GetProperty("payload").GetProperty("noteId").GetString().ShouldBe("n2");
        message.GetProperty("payload").GetProperty("eventId").GetGuid().ShouldBe(message.GetProperty("eventId").GetGuid());
    }

    [Fact]
    public async Task A_position_that_was_never_written_and_numbers_out_of_range_are_refused()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        await world.Center.AppendAsync([.. Enumerable.Range(1, 5).Select(n => new NoteWritten("cn4", $"n{n}", "text"))]);
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).Count == 5);

        foreach (var query in new[] { "after=6", "after=-1", "after=x", "limit=0", "limit=1001", "wait=31" })
        {
            using var answer = await world.GetAsync("billing-center", "/feed/cn4?" + query, "site-cn4");
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, query);
        }

        (await world.Center.ColumnAsync<long>("select position from link.feed_acknowledgement")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_waits_is_woken_by_what_is_written_and_answered_empty_when_the_wait_is_over()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        var start = TimeProvider.System.GetTimestamp();
        using (var nothing = await world.GetAsync("billing-center", "/feed/cn4?wait=1", "site-cn4"))
        {
            (await nothing.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("messages").GetArrayLength().ShouldBe(0);
        }

        TimeProvider.System.GetElapsedTime(start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(0.9));

        var waiting = world.GetAsync("billing-center", "/feed/cn4?wait=30", "site-cn4");
        await world.Center.AppendAsync(new NoteWritten("cn4", "n1", "text"));
        using var answer = await waiting.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("messages").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task What_a_site_has_applied_is_acknowledged_with_its_time_and_shown_to_the_operator()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        var feeds = world.Center.Services.GetRequiredService<IFeeds>();
        await world.Center.AppendAsync(new NoteWritten("cn4", "n1", "text"), new NoteWritten("za1", "n1", "text"), new NoteWritten("cn4", "n2", "text"));
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).Count == 2);

        var pending = (await feeds.SitesAsync(Cancel)).Single(site => site.Site.Value == "cn4");
        pending.ShouldSatisfyAllConditions(
            site => site.ToldPosition.ShouldBe(2), site => site.AcknowledgedPosition.ShouldBe(0), site => site.Pending.ShouldBe(2),
            site => site.OldestPendingAt.ShouldNotBeNull(), site => site.AcknowledgedAt.ShouldBeNull());
        (await feeds.LastToldAsync(["n1", "n2", "n9"], Cancel)).ToDictionary(told => told.Key, told => told.Value.AcknowledgedAt)
            .ShouldBe(new Dictionary<string, DateTimeOffset?> { ["n1"] = null, ["n2"] = null }, ignoreOrder: true);

        var before = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 1);
        (await world.GetAsync("billing-center", "/feed/cn4?after=1", "site-cn4")).Dispose();
        var told = await feeds.LastToldAsync(SiteCode.Of("cn4"), ["n1", "n2"], Cancel);
        told["n1"].AcknowledgedAt!.Value.ShouldBeGreaterThan(before);
        told["n2"].ShouldBe(new LastTold(1, 2, null));
        (await feeds.LastToldAsync(SiteCode.Of("za1"), ["n1", "n2"], Cancel)).ShouldBe(
            new Dictionary<string, LastTold> { ["n1"] = new(1, 1, null) });

        // An acknowledgement never goes back.
        (await world.GetAsync("billing-center", "/feed/cn4?after=0", "site-cn4")).Dispose();
        using var answer = await world.GetAsync("billing-center", "/api/operator/sites", "op", Scopes.Operator);
        var site = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("items")[0];
        site.GetProperty("site").GetString().ShouldBe("cn4");
        site.GetProperty("told").GetProperty("position").GetInt64().ShouldBe(2);
        site.GetProperty("told").GetProperty("acknowledgedPosition").GetInt64().ShouldBe(1);
        site.GetProperty("told").GetProperty("pending").GetInt64().ShouldBe(1);
        site.GetProperty("told").GetProperty("lagSeconds").GetDouble().ShouldBeGreaterThan(0);
        site.GetProperty("lastContactAt").GetDateTimeOffset().ShouldBeGreaterThan(before.AddSeconds(-30));
    }

    [Fact]
    public async Task Acknowledged_messages_are_forgotten_after_90_days_but_the_last_of_each_subject()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        await world.Center.AppendAsync(
            new NoteWritten("cn4", "n1", "a"), new NoteWritten("cn4", "n1", "b"), new NoteWritten("cn4", "n2", "a"), new NoteWritten("cn4", "n1", "c"),
            new NoteWritten("cn4", "n2", "b"), new NoteWritten("cn4", "n2", "c"));
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).Count == 6);
        foreach (var position in new[] { 1, 2, 4, 5 })
        {
            (await world.GetAsync("billing-center", $"/feed/cn4?after={position}", "site-cn4")).Dispose();
        }

        var feeds = world.Center.Services.GetRequiredService<IFeeds>();
        var before = await feeds.LastToldAsync(["n1"], Cancel);
        await PruneAsync(world.Center);
        (await world.Center.PositionsAsync("cn4")).Count.ShouldBe(6);

        world.Center.Services.GetRequiredService<Platform.Clock.WorldClock>().Advance(TimeSpan.FromDays(91));
        await PruneAsync(world.Center);

        // 4 is the last of n1; 6 is not acknowledged, and 5 is followed by it.
        (await world.Center.PositionsAsync("cn4")).ShouldBe([4, 6]);
        (await feeds.LastToldAsync(["n1"], Cancel)).ShouldBe(before);
        (await world.Center.ColumnAsync<long>("select position from link.feed_acknowledgement order by position")).ShouldBe([4, 5]);

        // Positions go on, whatever was forgotten.
        await world.Center.AppendAsync(new NoteWritten("cn4", "n3", "text"));
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).SequenceEqual([4, 6, 7]));
    }

    [Fact]
    public async Task What_is_told_beside_the_log_goes_into_the_same_feed_without_a_gap()
    {
        await using var world = await LinkWorld.StartAsync("cn4");
        var log = Task.Run(() => Task.WhenAll(Enumerable.Range(0, 20).Select(n => world.Site.AppendAsync(new ReplyWritten($"log{n}", "text")))), Cancel);
        var beside = Task.Run(
            async () =>
            {
                for (var n = 0; n < 20; n++)
                {
                    await TellAsync(world.Site, isCommitted: n % 4 != 3, $"beside{n}-a", $"beside{n}-b");
                }
            }, Cancel);
        await Task.WhenAll(log, beside);
        await Eventually.Until(async () => (await world.Site.PositionsAsync("billing-center")).Count == 50);

        (await world.Site.PositionsAsync("billing-center")).ShouldBe(Enumerable.Range(1, 50).Select(n => (long)n));
        var subjects = await world.Site.ColumnAsync<string>("select subject from link.feed_message where peer = 'billing-center' order by position");
        subjects.Where(subject => subject.StartsWith("beside", StringComparison.Ordinal))
            .ShouldBe(Enumerable.Range(0, 20).Where(n => n % 4 != 3).SelectMany(n => new[] { $"beside{n}-a", $"beside{n}-b" }));
    }

    [Fact]
    public async Task What_is_told_beside_the_log_wakes_who_waits()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");
        await TellAsync(world.Site, isCommitted: true, "beside");
        await Eventually.Until(async () => (await world.Center.KeptAsync()).Contains("beside"));
    }

    [Fact]
    public async Task A_page_of_long_messages_ends_before_its_limit()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        var text = new string('x', 1 << 20);
        await world.Center.AppendAsync([.. Enumerable.Range(1, 12).Select(n => new NoteWritten("cn4", $"n{n}", text)), .. Enumerable.Range(13, 30).Select(n => new NoteWritten("cn4", $"n{n}", "short"))]);
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).Count == 42);
        var store = world.Center.Services.GetRequiredService<FeedStore>();

        var pages = new List<int>();
        for (long after = 0; await store.ReadAsync("cn4", after, 500, Cancel) is { Count: > 0 } page; after = page[^1].Position)
        {
            page.Select(message => message.Position).ShouldBe(Enumerable.Range((int)after + 1, page.Count).Select(n => (long)n));
            pages.Add(page.Count);
        }

        pages.Sum().ShouldBe(42);
        pages[0].ShouldBeLessThan(12);
        (await store.ReadAsync("cn4", 12, 500, Cancel)).Count.ShouldBe(30);
        (await store.ReadAsync("cn4", 12, 10, Cancel)).Count.ShouldBe(10);
    }

    private static async Task TellAsync(LinkHost host, bool isCommitted, params string[] subjects)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(Cancel);
        await scope.ServiceProvider.GetRequiredService<FeedOutlet>().TellAsync(
            [.. subjects.Select(subject => new ReplyIntegrationEvent(Ids.DeterministicGuid(subject), 1, DateTimeOffset.UnixEpoch, SiteCode.Of("cn4"), subject, "text"))], Cancel);
        if (isCommitted)
        {
            await work.CommitAsync(Cancel);
        }
    }

    private static Task PruneAsync(LinkHost host) => ActivatorUtilities.CreateInstance<PruneFeedsJob>(host.Services).RunAsync(Cancel);
}
