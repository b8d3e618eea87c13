using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Telemetry;
using Guance.Billing.Sites.Feed;
using Guance.Billing.Sites.Reading;
using Guance.Billing.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Sites.Tests;

public sealed class ReaderTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Applying_a_page_again_changes_nothing()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");
        await world.Center.AppendAsync(new NoteWritten("cn4", "n1", "text"), new NoteWritten("cn4", "n2", "text"));
        await Eventually.Until(async () => (await world.Site.KeptAsync()).Count == 2);
        var page = await world.Center.Services.GetRequiredService<FeedStore>().ReadAsync("cn4", 0, 10, Cancel);
        var applier = world.Site.Services.GetRequiredService<FeedApplier>();

        (await applier.ApplyAsync("billing-center", 0, page, Cancel)).ShouldBe(0);
        (await applier.ApplyAsync("billing-center", 1, [.. page.Skip(1)], Cancel)).ShouldBe(1);

        (await applier.PositionAsync("billing-center", Cancel)).ShouldBe(2);
        (await world.Site.KeptAsync()).ShouldBe(["n1", "n2"]);
        (await world.Site.KeptAsync("second")).ShouldBe(["n1", "n2"]);
    }

    [Fact]
    public async Task Two_readers_that_apply_the_same_page_at_once_apply_it_once()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        await world.Center.AppendAsync([.. Enumerable.Range(0, 20).Select(n => new NoteWritten("cn4", $"n{n}", "text"))]);
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).Count == 20);
        var page = await world.Center.Services.GetRequiredService<FeedStore>().ReadAsync("cn4", 0, 100, Cancel);
        await world.StopOneAsync("billing-center");
        var site = await world.StartOneAsync("cn4");
        var applier = site.Services.GetRequiredService<FeedApplier>();

        var positions = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => applier.ApplyAsync("billing-center", 0, page, Cancel))));

        positions.Order().ShouldBe([0, 0, 0, 20]);
        (await site.KeptAsync()).Count.ShouldBe(20);
    }

    [Fact]
    public async Task A_policy_that_fails_half_way_leaves_nothing_and_what_comes_before_the_bad_message_is_applied()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");
        world.Site.Obstacles.Book = "second";

        await world.Center.AppendAsync(
            new NoteWritten("cn4", "n1", "text"), new NoteWritten("cn4", "n2", "text"), new NoteWritten("cn4", "n3", "text"),
            new NoteWritten("cn4", "bad", "poison"), new NoteWritten("cn4", "n5", "text"));

        await Eventually.Until(async () => (await world.Site.KeptAsync()).Count >= 3);
        var shown = await Eventually.Until(() => LinkAsync(world), link => link.GetProperty("lastError").GetString() == "bad cannot be swallowed.");
        shown.GetProperty("applied").GetProperty("position").GetInt64().ShouldBe(3);
        (await world.Site.KeptAsync()).ShouldBe(["n1", "n2", "n3"]);
        (await world.Site.KeptAsync("second")).ShouldBe(["n1", "n2", "n3"]);

        world.Site.Obstacles.Book = null;
        await Eventually.Until(async () => (await world.Site.KeptAsync("second")).SequenceEqual(["n1", "n2", "n3", "bad", "n5"]));
        (await world.Site.KeptAsync()).ShouldBe(["n1", "n2", "n3", "bad", "n5"]);
        await Eventually.Until(() => LinkAsync(world), link => link.GetProperty("lastError").ValueKind == JsonValueKind.Null);
    }

    [Theory]
    [InlineData("update link.feed_message set name = 'from-the-future' where subject = 'n2'", "update link.feed_message set name = 'note'",
        "'from-the-future' at position 2, which this version does not know")]
    [InlineData("update link.feed_message set payload = payload || '{\"site\": \"za1\"}' where subject = 'n2'",
        "update link.feed_message set payload = payload || '{\"site\": \"cn4\"}'", "not its to tell cn4")]
    [InlineData("update link.feed_message set payload = payload || '{\"site\": 5}' where subject = 'n2'",
        "update link.feed_message set payload = payload || '{\"site\": \"cn4\"}'", "cannot be read")]
    [InlineData("update link.feed_message set position = 100 where subject = 'n2'", "update link.feed_message set position = 2 where subject = 'n2'",
        "position 3 where 2 must come")]
    public async Task A_message_that_cannot_be_read_stops_the_reading_before_it_and_is_shown(string damage, string mend, string shown)
    {
        await using var world = await LinkWorld.StartAsync("billing-center");
        await world.Center.AppendAsync(new NoteWritten("cn4", "n1", "text"), new NoteWritten("cn4", "n2", "text"), new NoteWritten("cn4", "n3", "text"));
        await Eventually.Until(async () => (await world.Center.PositionsAsync("cn4")).Count == 3);
        await world.Center.ExecuteAsync(damage);
        await world.StartOneAsync("cn4");

        await Eventually.Until(() => LinkAsync(world), link => link.GetProperty("lastError").GetString()?.Contains(shown, StringComparison.Ordinal) == true);
        (await world.Site.KeptAsync()).ShouldBe(["n1"]);

        await world.Center.ExecuteAsync(mend);
        await Eventually.Until(async () => (await world.Site.KeptAsync()).SequenceEqual(["n1", "n2", "n3"]));
    }

    [Fact]
    public async Task Each_side_works_on_while_the_other_is_down_and_they_converge_after()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");
        await world.Center.AppendAsync(new NoteWritten("cn4", "n1", "text"));
        await Eventually.Until(async () => (await world.Site.KeptAsync()).Count == 1);

        await world.StopOneAsync("billing-center");
        await world.Site.AppendAsync(new ReplyWritten("n1", "text"), new ReplyWritten("n2", "text"));
        await Eventually.Until(() => LinkAsync(world), link => link.GetProperty("lastError").ValueKind == JsonValueKind.String);
        await Eventually.Until(async () => (await world.Site.PositionsAsync("billing-center")).SequenceEqual([1L, 2L]));
        await world.StartOneAsync("billing-center");
        await Eventually.Until(async () => (await world.Center.KeptAsync()).SequenceEqual(["n1", "n2"]));
        await Eventually.Until(() => LinkAsync(world), link => link.GetProperty("lastError").ValueKind == JsonValueKind.Null);

        await world.StopOneAsync("cn4");
        await world.Center.AppendAsync(new NoteWritten("cn4", "n2", "text"), new NoteWritten("cn4", "n3", "text"));
        await world.StartOneAsync("cn4");
        await Eventually.Until(async () => (await world.Site.KeptAsync()).SequenceEqual(["n1", "n2", "n3"]));
        var feeds = world.Center.Services.GetRequiredService<IFeeds>();
        await Eventually.Until(() => feeds.SitesAsync(Cancel), sites => sites.Single(site => site.Site.Value == "cn4") is { Pending: 0, AcknowledgedPosition: 3, LastError: null });
    }

    [Fact]
    public async Task One_of_two_nodes_reads_and_the_other_takes_over()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");
        await using var second = await world.NodeAsync("cn4", Ports.Free());
        for (var i = 0; i < 10; i++)
        {
            await world.Center.AppendAsync(new NoteWritten("cn4", $"a{i}", "text"));
            await Eventually.Until(async () => (await second.KeptAsync()).Count == i + 1);
        }

        world.Center.FeedRequestsMax.ShouldBe(1);

        // The lock of the node that reads is lost without its noticing: the other one reads, too, and still nothing is applied twice.
        await second.ExecuteAsync(
            "select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory' and d.datname = current_database() and l.pid <> pg_backend_pid()");
        await Eventually.Until(() => world.Center.FeedRequestsMax == 2);
        for (var i = 0; i < 20; i++)
        {
            await world.Center.AppendAsync([.. Enumerable.Range(0, 5).Select(n => new NoteWritten("cn4", $"b{i}-{n}", "text"))]);
        }

        await Eventually.Until(async () => (await second.KeptAsync()).Count >= 110);
        (await second.KeptAsync()).Distinct(StringComparer.Ordinal).Count().ShouldBe(110);
        (await second.KeptAsync()).Count.ShouldBe(110);

        await world.StopOneAsync("cn4");
        await world.Center.AppendAsync(new NoteWritten("cn4", "c", "text"));
        await Eventually.Until(async () => (await second.KeptAsync()).Count == 111);
    }

    [Fact]
    public async Task What_a_site_does_belongs_to_the_trace_in_which_it_was_decided()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == Tracing.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");

        string trace;
        using (var request = Tracing.Source.StartActivity("request")!)
        using (Tracing.Source.StartActivity("command"))
        {
            trace = request.TraceId.ToString();
            await world.Center.AppendAsync(new NoteWritten("cn4", "n1", "text"));
        }

        await Eventually.Until(() => world.Site.Obstacles.Trace == trace);
    }

    private static async Task<JsonElement> LinkAsync(LinkWorld world)
    {
        using var answer = await world.GetAsync("cn4", "/api/operator/link", "op", Scopes.Operator);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }
}
