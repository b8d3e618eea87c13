using Guance.Billing.Platform.Data;
using Marten;
using Marten.Services;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Guance.Billing.Platform.Writing;

/// <summary>
/// The one transaction of a command, scoped: Marten's session, EF Core contexts and plain SQL share its connection, so all of a
/// command's effects commit together or not at all. Opened by <see cref="UnitOfWorkBehavior{TRequest,TResponse}"/>, or by something
/// that has to put several commands and its own bookkeeping into one transaction (the reader of a feed).
/// </summary>
public sealed class UnitOfWork(IDocumentStore store, NpgsqlDataSource dataSource) : IAsyncDisposable, IDisposable
{
    /// <summary>From how many streams on it is worth two more round trips to plan the writes of a stream once instead of for each of them.</summary>
    private const int BulkStreams = 20;

    /// <summary>Each writes rows by their keys: one plan does for all, and is never one that reads a table because that was small when it was made.</summary>
    private const string PlanOnce = "set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off";

    private const string PlanAsUsual = "set local plan_cache_mode to default; set local enable_seqscan to default";

    private readonly List<DbContext> contexts = [];
    private readonly List<Action> afterCommit = [];
    private NpgsqlConnection? connection;
    private NpgsqlTransaction? transaction;
    private IDocumentSession? session;

    /// <summary>Whether a transaction is open.</summary>
    public bool IsOpen => transaction is not null;

    /// <summary>
    /// Whether the command runs for the first time, so that what is nearly always so may be tried without looking first: when that fails because somebody else came first, all is undone and
    /// the handler runs again. False where nobody would run it again.
    /// </summary>
    public bool IsFirstAttempt { get; internal set; }

    /// <summary>The transaction's connection, for plain SQL.</summary>
    public NpgsqlConnection Connection => connection ?? throw NotOpen();

    /// <summary>The transaction.</summary>
    public NpgsqlTransaction Transaction => transaction ?? throw NotOpen();

    /// <summary>The session in which the current command appends and stores; another one after each <see cref="FlushAsync"/>.</summary>
    public IDocumentSession Session => session ??= Open(DocumentTracking.None);

    /// <summary>
    /// <see cref="Session"/> for a command that reads many snapshots by query and appends to their streams with the versions that it read. It keeps them, so that they are not read
    /// again for the next ones to be made. What was read once in it stays as it was: nothing of that kind may be fetched for writing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The command has a session already.</exception>
    public IDocumentSession BulkSession =>
        session is null ? session = Open(DocumentTracking.IdentityOnly) : throw new InvalidOperationException("The command has a session already: ask for this one first.");

    /// <summary>Opens the transaction.</summary>
    public async Task BeginAsync(CancellationToken ct)
    {
        if (IsOpen)
        {
            throw new InvalidOperationException("The unit of work is open already.");
        }

        connection = await dataSource.OpenConnectionAsync(ct);
        transaction = await connection.BeginTransactionAsync(ct);
    }

    /// <summary>The context of the kind that writes in this transaction.</summary>
    public TContext Context<TContext>(Func<NpgsqlConnection, TContext> create)
        where TContext : DbContext
    {
        foreach (var known in contexts)
        {
            if (known is TContext context)
            {
                return context;
            }
        }

        var made = create(Connection);
        made.Database.UseTransaction(Transaction);
        contexts.Add(made);
        return made;
    }

    /// <summary>Does something once the transaction has committed, such as waking whoever waits for it. Must not fail or matter.</summary>
    public void AfterCommit(Action action) => afterCommit.Add(action);

    /// <summary>Writes what is pending to the database, still uncommitted, so that the next command in the same transaction sees it.</summary>
    public async Task FlushAsync(CancellationToken ct)
    {
        foreach (var context in contexts)
        {
            await context.SaveChangesAsync(ct);
            context.ChangeTracker.Clear();
        }

        if (session is not null)
        {
            var isBulk = session.PendingChanges.Streams().Count >= BulkStreams;
            if (isBulk)
            {
                await SetAsync(PlanOnce, ct);
            }

            await session.SaveChangesAsync(ct);
            await session.DisposeAsync();
            session = null;
            if (isBulk)
            {
                await SetAsync(PlanAsUsual, ct);
            }
        }
    }

    /// <summary>Writes what is pending and commits.</summary>
    public async Task CommitAsync(CancellationToken ct)
    {
        await FlushAsync(ct);
        await Transaction.CommitAsync(ct);
        var actions = afterCommit.ToArray();
        await CloseAsync();
        foreach (var action in actions)
        {
            action();
        }
    }

    /// <summary>Undoes everything since <see cref="BeginAsync"/>.</summary>
    public Task RollbackAsync() => CloseAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync();

    /// <summary>For scopes that libraries dispose of synchronously; those open no transaction.</summary>
    public void Dispose() => transaction?.Dispose();

    private IDocumentSession Open(DocumentTracking tracking)
    {
        var options = SessionOptions.ForTransaction(Transaction);
        options.Tracking = tracking;
        return store.OpenSession(options);
    }

    private async Task SetAsync(string settings, CancellationToken ct)
    {
        await using var set = this.Command(settings);
        await set.ExecuteNonQueryAsync(ct);
    }

    private static InvalidOperationException NotOpen() => new("There is no unit of work: only a command's handler writes.");

    private async Task CloseAsync()
    {
        IsFirstAttempt = false;
        afterCommit.Clear();
        foreach (var context in contexts)
        {
            await context.DisposeAsync();
        }

        contexts.Clear();
        if (session is not null)
        {
            await session.DisposeAsync();
            session = null;
        }

        if (transaction is not null)
        {
            // Disposing rolls back what was not committed.
            await transaction.DisposeAsync();
            transaction = null;
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
            connection = null;
        }
    }
}
