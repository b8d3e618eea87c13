using System.Collections.Concurrent;
using Guance.Billing.Platform.Data;
using Guance.Billing.TestKit;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Platform.Tests;

/// <summary>Snapshots that are no longer what their events make of them.</summary>
public sealed class SnapshotRebuildTests
{
    private const int Notes = 450;

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Snapshots_that_differ_from_their_events_are_named_then_written_anew_and_no_other_is_touched()
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var settings = Start.Settings(database);
        await using (var node = await Start.RunAsync(settings))
        {
            await WriteAsync(node);
            await node.StopAsync(Cancel);
        }

        var right = await SnapshotsAsync(source, "data");
        foreach (var spoil in new[]
        {
            """update documents.mt_doc_note set data = data || '{"count": 100}' where id = 'note 0002'""",
            "update documents.mt_doc_note set mt_version = 1 where id = 'note 0201'",
            "delete from documents.mt_doc_note where id = 'note 0449'",
        })
        {
            await using var command = source.CreateCommand(spoil);
            (await command.ExecuteNonQueryAsync(Cancel)).ShouldBe(1);
        }

        var spoilt = await SnapshotsAsync(source, "data || xmin::text");
        await using var stopped = Start.Build(settings, "Production");
        var (previewed, applied, again) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>(), new ConcurrentQueue<string>());

        (await SnapshotRebuild.Of(stopped).PreviewAsync(previewed.Enqueue, Cancel)).ShouldBe(3);
        (await SnapshotsAsync(source, "data || xmin::text")).ShouldBe(spoilt);
        (await SnapshotRebuild.Of(stopped).ApplyAsync(applied.Enqueue, Cancel)).ShouldBe(3);
        (await SnapshotRebuild.Of(stopped).ApplyAsync(again.Enqueue, Cancel)).ShouldBe(0);

        previewed.ShouldBe([.. Named("differs from its events"), $"Note: {Notes} compared with their events, 3 differ"]);
        applied.ShouldBe([.. Named("differed from its events and is written anew"), $"Note: {Notes} compared with their events, 3 differed and were written anew"]);
        again.ShouldBe([$"Note: {Notes} compared with their events, 0 differed and were written anew"]);
        (await SnapshotsAsync(source, "data")).ShouldBe(right);
        (await SnapshotsAsync(source, "data || xmin::text")).Intersect(spoilt).Count().ShouldBe(Notes - 3);

        static IEnumerable<string> Named(string what) => new[] { "0002", "0201", "0449" }.Select(number => $"Note note {number} {what}");
    }

    [Fact]
    public async Task Nothing_is_rebuilt_while_a_node_runs_and_no_node_starts_while_something_is()
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        var settings = Start.Settings(database);
        await using var stopped = Start.Build(settings, "Production");
        await using (var node = await Start.RunAsync(settings))
        {
            await WriteAsync(node);

            (await Should.ThrowAsync<InvalidOperationException>(() => SnapshotRebuild.Of(stopped).ApplyAsync(_ => { }, Cancel))).Message.ShouldContain("Stop them all, then rebuild.");
            (await SnapshotRebuild.Of(stopped).PreviewAsync(_ => { }, Cancel)).ShouldBe(0);
            await node.StopAsync(Cancel);
        }

        Exception? refused = null;
        (await SnapshotRebuild.Of(stopped).ApplyAsync(_ => refused ??= TryToStartAsync(settings).GetAwaiter().GetResult(), Cancel)).ShouldBe(0);

        refused.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("being rebuilt");
        await using var after = await Start.RunAsync(settings);
        await after.StopAsync(Cancel);
    }

    private static async Task<Exception?> TryToStartAsync(Dictionary<string, string?> settings)
    {
        await using var node = Start.Build(settings, "Production");
        return await Record.ExceptionAsync(() => node.StartAsync(Cancel));
    }

    private static async Task WriteAsync(WebApplication node)
    {
        await using var session = node.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        for (var number = 0; number < Notes; number++)
        {
            session.Events.StartStream<Note>($"note {number:0000}", new NoteWritten("one"), new NoteWritten("two"));
        }

        await session.SaveChangesAsync(Cancel);
    }

    private static async Task<IReadOnlyList<string>> SnapshotsAsync(NpgsqlDataSource source, string what)
    {
        await using var command = source.Command($"select id || ' ' || mt_version || ' ' || {what} from documents.mt_doc_note order by id");
        return await command.ReadAsync(row => row.GetString(0), Cancel);
    }
}
