using System.Diagnostics;
using System.Globalization;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Sites.Feed;
using Npgsql;

namespace Guance.Billing.Sites;

/// <summary>
/// Tells the Billing Center facts that are not in the log, such as totals that a site keeps in tables: they go into the same feed as what the
/// log tells, in the caller's transaction. Only for a site, and only within a command.
/// </summary>
public sealed class FeedOutlet
{
    private static readonly string WriteSql = Numbered(FeedMessages.WriteSql);

    private readonly UnitOfWork work;
    private readonly FeedSignal signal;
    private readonly TimeProvider clock;

    internal FeedOutlet(UnitOfWork work, FeedSignal signal, TimeProvider clock) => (this.work, this.signal, this.clock) = (work, signal, clock);

    /// <summary>
    /// Appends the facts to the feed. Until the command commits, nobody else can append to it: so this is the last that a command does, and it does not
    /// take long.
    /// </summary>
    /// <param name="facts">In their order; each with an id and a source version of its own.</param>
    /// <param name="ct">Cancels.</param>
    public async Task TellAsync(IReadOnlyCollection<ITellsBillingCenter> facts, CancellationToken ct)
    {
        if (facts.Count == 0)
        {
            return;
        }

        var messages = facts.Select(fact => new NewMessage(Deployment.BillingCenterName, fact.Subject, fact, Activity.Current?.Id)).ToArray();
        await using var command = new NpgsqlCommand(WriteSql, work.Connection, work.Transaction);
        foreach (var value in FeedMessages.Columns(messages).Append(clock.GetUtcNow()))
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync(ct);
        work.AfterCommit(signal.Raise);
    }

    /// <summary>Marten takes a question mark for each parameter, Npgsql a number.</summary>
    private static string Numbered(string sql) =>
        string.Concat(sql.Split('?').Select((part, number) => number == 0 ? part : string.Create(CultureInfo.InvariantCulture, $"${number}{part}")));
}
