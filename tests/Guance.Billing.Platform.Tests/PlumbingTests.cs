using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using Guance.Billing.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Platform.Tests;

/// <summary>The core on its real engines: Marten's daemon, Hangfire, PostgreSQL.</summary>
public sealed class PlumbingTests(NotesDeployment notes)
{
    [Fact]
    public async Task Commands_that_meet_at_one_stream_all_take_effect_one_after_another()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => notes.Deployment.SendAsync(new WriteNote("crowded", $"crowded {n}"))));

        answers.Length.ShouldBe(4);
        var note = await NoteAsync("crowded");
        note.Count.ShouldBe(4);
        note.Version.ShouldBe(4);
    }

    [Fact]
    public async Task What_a_refused_command_queued_is_not_sent()
    {
        var refused = await Should.ThrowAsync<BillingRefusal>(() => notes.Deployment.SendAsync(new WriteNote("no-mail", "forbidden")));

        refused.Code.ShouldBe("note-forbidden");
        (await notes.Deployment.MailsToAsync("no-mail@example.com")).ShouldBeEmpty();
    }

    /// <summary>Read by a further statement of the same transaction, as the next message of a feed's page does.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(200)]
    public async Task However_many_streams_a_command_wrote_what_is_read_after_is_planned_for_the_tables_as_they_are(int streams)
    {
        await using var scope = notes.Deployment.Services.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(TestContext.Current.CancellationToken);
        foreach (var number in Enumerable.Range(0, streams))
        {
            work.Session.Events.StartStream<Note>($"of {streams} {number}", new NoteWritten("x"));
        }

        await work.FlushAsync(TestContext.Current.CancellationToken);

        await using var read = new NpgsqlCommand(
            "select concat_ws(' ', count(*), current_setting('plan_cache_mode'), current_setting('enable_seqscan')) from events.mt_streams where id like $1", work.Connection, work.Transaction)
        {
            Parameters = { new() { Value = $"of {streams} %" } },
        };
        (await read.ExecuteScalarAsync(TestContext.Current.CancellationToken)).ShouldBe($"{streams} force_custom_plan on");
    }

    /// <summary>As when a page of a feed tells of one workspace twice, with something else in between.</summary>
    [Theory]
    [InlineData("known before", 1)]
    [InlineData("not known before", 0)]
    public async Task A_snapshot_has_all_that_the_commands_of_one_transaction_wrote(string id, int before)
    {
        for (var number = 0; number < before; number++)
        {
            await notes.Deployment.SendAsync(new WriteNote(id, $"before {number}"));
        }

        await using var scope = notes.Deployment.Services.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(TestContext.Current.CancellationToken);
        var mediator = scope.ServiceProvider.GetRequiredService<MediatR.IMediator>();
        await mediator.Send(new WriteNote(id, "one"), TestContext.Current.CancellationToken);
        await mediator.Send(new WriteNote(id, "two"), TestContext.Current.CancellationToken);
        await work.CommitAsync(TestContext.Current.CancellationToken);

        var note = await NoteAsync(id);
        (note.Count, note.Version).ShouldBe((before + 2, before + 2));
    }

    [Fact]
    public async Task A_snapshot_that_a_bulk_session_has_read_is_not_read_again_for_the_next_one_to_be_made()
    {
        await notes.Deployment.SendAsync(new WriteNote("in bulk", "one"));
        await using var scope = notes.Deployment.Services.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(TestContext.Current.CancellationToken);
        var read = (await work.BulkSession.QueryAsync<Note>("where id = ?", TestContext.Current.CancellationToken, "in bulk")).ShouldHaveSingleItem();
        await using var spoil = work.Command("""update documents.mt_doc_note set data = data || '{"count": 100}' where id = 'in bulk'""");
        (await spoil.ExecuteNonQueryAsync(TestContext.Current.CancellationToken)).ShouldBe(1);

        work.Session.Events.Append("in bulk", read.Version + 1, new NoteWritten("two"));
        await work.CommitAsync(TestContext.Current.CancellationToken);

        var note = await NoteAsync("in bulk");
        (note.Count, note.Version).ShouldBe((2, 2));
    }

    [Fact]
    public async Task A_command_that_has_a_session_gets_no_bulk_session()
    {
        await using var scope = notes.Deployment.Services.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(TestContext.Current.CancellationToken);
        work.Session.ShouldNotBeNull();

        Should.Throw<InvalidOperationException>(() => work.BulkSession);
    }

    [Fact]
    public async Task However_many_connections_are_held_for_long_commands_have_theirs()
    {
        var source = notes.Deployment.Services.GetRequiredService<HeldConnections>().Source;
        var held = await Task.WhenAll(Enumerable.Range(0, 17).Select(_ => source.OpenConnectionAsync(TestContext.Current.CancellationToken).AsTask()));
        try
        {
            (await notes.Deployment.SendAsync(new WriteNote("beside-those-held", "x"))).Run.ShouldBeGreaterThan(0);
        }
        finally
        {
            foreach (var connection in held)
            {
                await connection.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_job_that_a_command_asks_for_runs_after_it()
    {
        var before = notes.Observed.OnRequestRuns;

        await notes.Deployment.SendAsync(new WriteNote("pokes", "x"));

        await Eventually.Until(() => notes.Observed.OnRequestRuns > before);
    }

    [Fact]
    public async Task The_timetable_runs_a_job_again_and_again()
    {
        await Eventually.Until(() => notes.Observed.CountRuns >= 2);
    }

    [Fact]
    public async Task An_inbox_whose_policy_fails_tries_again_and_loses_nothing()
    {
        await using var deployment = await TestDeployment.StartAsync([new NotesModule()]);
        var observed = deployment.Services.GetRequiredService<Observed>();
        observed.PolicyFailuresLeft = 2;

        await deployment.SendAsync(new WriteNote("inbox", "one"));
        await deployment.SendAsync(new WriteNote("inbox", "two"));
        await Eventually.Until(() => observed.Copied.Count >= 2);

        observed.PolicyFailuresLeft.ShouldBe(0);
        observed.Copied.ShouldBe(["one", "two"]);
    }

    /// <summary>Marten takes a cancellation for the end of its own work, and would leave the page undone until another event comes.</summary>
    [Fact]
    public async Task An_inbox_whose_policy_is_cancelled_though_nobody_stops_it_tries_again_without_another_event()
    {
        await using var deployment = await TestDeployment.StartAsync([new NotesModule()]);
        var observed = deployment.Services.GetRequiredService<Observed>();
        (observed.PolicyFailuresLeft, observed.PolicyFailure) = (1, new OperationCanceledException("A connection's own."));

        await deployment.SendAsync(new WriteNote("cancelled", "one"));

        await Eventually.Until(() => observed.Copied.Count == 1);
        observed.PolicyFailuresLeft.ShouldBe(0);
    }

    /// <summary>As when a server dies between a commit and its answer, or two nodes were at work for a moment.</summary>
    [Fact]
    public async Task An_inbox_that_finds_its_position_moved_goes_on_from_there()
    {
        await using var deployment = await TestDeployment.StartAsync([new NotesModule()]);
        var observed = deployment.Services.GetRequiredService<Observed>();
        await deployment.SendAsync(new WriteNote("moved", "one"));
        await Eventually.Until(() => observed.Copied.Count == 1);
        await using var move = deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "update events.mt_event_progression set last_seq_id = 0 where name = 'notes.inbox:All' and last_seq_id > 0");
        await Eventually.Until(async () => await move.ExecuteNonQueryAsync(TestContext.Current.CancellationToken) == 1);

        await deployment.SendAsync(new WriteNote("moved", "two"));

        await Eventually.Until(() => observed.Copied.Contains("two"));
        // Twice, since what another node did is not known here.
        await Eventually.Until(() => observed.Copied.Count(text => text == "one") >= 2);
    }

    /// <summary>Nor does it cost anything: a deployment's log holds many kinds of events of which an inbox wants a few.</summary>
    [Fact]
    public async Task An_inbox_is_not_held_back_by_an_event_of_a_kind_that_its_policies_do_not_react_to()
    {
        await using var deployment = await TestDeployment.StartAsync([new NotesModule()]);
        var observed = deployment.Services.GetRequiredService<Observed>();
        await deployment.SendAsync(new WriteNote("heard", "one"));
        await using var append = deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            insert into events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived)
            select nextval('events.mt_events_sequence'), gen_random_uuid(), stream_id, version + 1, data, 'elsewhere.unreadable', timestamp, tenant_id, 'Elsewhere.Unreadable', false
            from events.mt_events where stream_id = 'heard'
            """);
        (await append.ExecuteNonQueryAsync(TestContext.Current.CancellationToken)).ShouldBe(1);

        await deployment.SendAsync(new WriteNote("after it", "two"));

        await Eventually.Until(() => observed.Copied.Count == 2);
        observed.Copied.ShouldBe(["one", "two"]);
    }

    private async Task<Note> NoteAsync(string id)
    {
        await using var session = notes.Deployment.Services.GetRequiredService<Marten.IDocumentStore>().QuerySession();
        return (await session.LoadAsync<Note>(id, TestContext.Current.CancellationToken)).ShouldNotBeNull();
    }
}
