using System.Data;
using System.Reflection;
using System.Text.Json.Nodes;
using JasperFx.Events;
using JasperFx.Events.Aggregation;
using JasperFx.Events.Projections;
using Marten;
using Marten.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Weasel.Storage;

namespace Guance.Billing.Platform.Data;

/// <summary>
/// Compares the snapshots that commands go by with the events that they were made of, and writes anew those that differ: after a fault of a release, or of whoever wrote into a table.
/// Events are never changed. Each batch of streams is compared, and written, in a transaction, so it can be cut off anywhere and done again.
/// </summary>
public sealed class SnapshotRebuild
{
    private const int StreamsABatch = 200;
    private const int StreamsUntilSaid = 20_000;

    private static readonly long WhileRebuilt = Ids.LockKey("platform", "rebuild");

    private readonly Deployment deployment;
    private readonly DocumentStore store;
    private readonly NpgsqlDataSource source;

    internal SnapshotRebuild(Deployment deployment, IDocumentStore store, NpgsqlDataSource source)
    {
        this.deployment = deployment;
        this.store = (DocumentStore)store;
        this.source = source;
    }

    /// <summary>That of a deployment, which need not run, and is not started.</summary>
    public static SnapshotRebuild Of(IHost deployment) => deployment.Services.GetRequiredService<SnapshotRebuild>();

    /// <summary>Writes anew each snapshot that differs from its events.</summary>
    /// <param name="say">Told in a sentence which differed, and how many were compared.</param>
    /// <param name="ct">Stops between two batches.</param>
    /// <returns>How many differed.</returns>
    /// <exception cref="InvalidOperationException">Nodes of the deployment are connected, whose commands go by snapshots that they have read; nothing was done.</exception>
    public async Task<long> ApplyAsync(Action<string> say, CancellationToken ct)
    {
        await using var alone = await source.OpenConnectionAsync(ct);
        await ExecuteAsync(alone, "select pg_advisory_lock($1)", WhileRebuilt);
        try
        {
            // Nodes that come now see the lock and do not start; those that were here before are seen.
            await AssertNoNodesAsync(alone, ct);
            return await CompareAllAsync(write: true, say, ct);
        }
        finally
        {
            await ExecuteAsync(alone, "select pg_advisory_unlock($1)", WhileRebuilt);
        }
    }

    /// <summary>Says what <see cref="ApplyAsync"/> would write, and writes nothing; nodes may run.</summary>
    /// <returns>How many differ.</returns>
    public Task<long> PreviewAsync(Action<string> say, CancellationToken ct) => CompareAllAsync(write: false, say, ct);

    /// <summary>Refuses to start a node while snapshots are rebuilt.</summary>
    /// <exception cref="InvalidOperationException">They are.</exception>
    internal async Task AssertNoneAsync(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        if (await ExecuteAsync(connection, "select pg_try_advisory_lock_shared($1)", WhileRebuilt) is not true)
        {
            throw new InvalidOperationException($"The snapshots of '{deployment.Name}' are being rebuilt. Start its nodes when that has ended.");
        }

        await ExecuteAsync(connection, "select pg_advisory_unlock_shared($1)", WhileRebuilt);
    }

    private async Task AssertNoNodesAsync(NpgsqlConnection alone, CancellationToken ct)
    {
        // What this program itself has left open, and connections of a node that has just been stopped, are gone in a moment.
        source.Clear();
        for (var looks = 1; ; looks++)
        {
            var connections = (long)(await ExecuteAsync(
                alone,
                "select count(*) from pg_stat_activity where datname = current_database() and application_name = $1 and pid <> pg_backend_pid()",
                new NpgsqlConnectionStringBuilder(source.ConnectionString).ApplicationName!))!;
            if (connections == 0)
            {
                return;
            }

            if (looks == 50)
            {
                throw new InvalidOperationException($"Nodes of '{deployment.Name}' are connected to its database ({connections} connections). Stop them all, then rebuild.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), ct);
        }
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql, object value)
    {
        // Whoever comes while another one rebuilds waits for it.
        await using var command = connection.Command(sql, value);
        command.CommandTimeout = 0;
        return await command.ExecuteScalarAsync(CancellationToken.None);
    }

    private async Task<long> CompareAllAsync(bool write, Action<string> say, CancellationToken ct)
    {
        var compare = typeof(SnapshotRebuild).GetMethod(nameof(CompareAsync), BindingFlags.Instance | BindingFlags.NonPublic)!;
        var differing = 0L;
        foreach (var kind in store.Options.Projections.All.OfType<IAggregateProjection>().Where(projection => projection.Lifecycle is ProjectionLifecycle.Inline)
            .Select(projection => projection.AggregateType).OrderBy(kind => kind.Name, StringComparer.Ordinal))
        {
            differing += await (Task<long>)compare.MakeGenericMethod(kind).Invoke(this, [write, say, ct])!;
        }

        return differing;
    }

    private async Task<long> CompareAsync<T>(bool write, Action<string> say, CancellationToken ct)
        where T : class
    {
        var (compared, differing, saidAt) = (0L, 0L, 0L);
        for (var after = string.Empty; ;)
        {
            // What a node writes meanwhile is seen wholly or not at all. A stored snapshot that is wrong may claim any version, so none is asked for.
            await using var session = store.LightweightSession(new SessionOptions { IsolationLevel = IsolationLevel.RepeatableRead, ConcurrencyChecks = ConcurrencyChecks.Disabled });
            await session.BeginTransactionAsync(ct);
            var streams = await StreamsAsync(session, typeof(T), after, ct);
            if (streams.Count == 0)
            {
                say($"{typeof(T).Name}: {compared} compared with their events, {differing} {(write ? "differed and were written anew" : "differ")}");
                return differing;
            }

            foreach (var (stream, rebuilt) in await DifferingAsync<T>(session, streams, ct))
            {
                say($"{typeof(T).Name} {stream} {(write ? "differed from its events and is written anew" : "differs from its events")}");
                session.Store(rebuilt);
                differing++;
            }

            if (write)
            {
                await session.SaveChangesAsync(ct);
            }

            after = streams[^1].Id;
            compared += streams.Count;
            if (compared - saidAt >= StreamsUntilSaid)
            {
                say($"{typeof(T).Name}: {compared} compared so far");
                saidAt = compared;
            }
        }
    }

    private async Task<IReadOnlyList<Stream>> StreamsAsync(IDocumentSession session, Type kind, string after, CancellationToken ct)
    {
        var snapshots = ((IReadOnlyStoreOptions)store.Options).FindOrResolveDocumentType(kind).TableName.QualifiedName;
        await using var command = session.Connection!.Command(
            $"select s.id, s.version is not distinct from d.mt_version from events.mt_streams s left join {snapshots} d using (id) where s.type = $1 and s.id > $2 order by s.id limit $3",
            ((EventRegistry)store.Options.Events).AggregateAliasFor(kind), after, StreamsABatch);
        return await command.ReadAsync(row => new Stream(row.GetString(0), row.GetBoolean(1)), ct);
    }

    private async Task<IReadOnlyList<(string Stream, T Rebuilt)>> DifferingAsync<T>(IDocumentSession session, IReadOnlyList<Stream> streams, CancellationToken ct)
        where T : class
    {
        var aggregator = store.Options.Projections.AggregatorFor<T>();
        var identity = typeof(T).GetProperty("Id")!;
        var ids = streams.Select(stream => stream.Id).ToArray();
        var events = (await session.Events.QueryAllRawEvents().Where(e => e.StreamKey!.IsOneOf(ids)).OrderBy(e => e.Version).ToListAsync(ct)).ToLookup(e => e.StreamKey!);
        var stored = (await session.LoadManyAsync<T>(ct, ids)).ToDictionary(snapshot => (string)identity.GetValue(snapshot)!);
        var differing = new List<(string Stream, T Rebuilt)>();
        foreach (var (id, hasItsVersion) in streams)
        {
            var rebuilt = await aggregator.BuildAsync([.. events[id]], session, null, ct) ?? throw new InvalidOperationException($"The events of {typeof(T).Name} {id} make no snapshot.");
            identity.SetValue(rebuilt, id);
            if (!hasItsVersion || !JsonNode.DeepEquals(Json(stored[id]), Json(rebuilt)))
            {
                differing.Add((id, rebuilt));
            }
        }

        return differing;

        JsonNode Json(T snapshot) => JsonNode.Parse(store.Serializer.ToJson(snapshot))!;
    }

    /// <summary>A stream, and whether its snapshot is there and says that it was made of all its events.</summary>
    private readonly record struct Stream(string Id, bool HasItsVersion);
}
