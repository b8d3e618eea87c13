using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Workspaces.Features;

internal static class ListQuarantineEndpoint
{
    private const int LimitDefault = 50;
    private const int LimitMax = 500;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/quarantine", async (
            NpgsqlDataSource dataSource, CancellationToken ct, string? code = null, string? workspaceId = null, string? state = null, int limit = LimitDefault,
            string? cursor = null) =>
        {
            if (limit is < 1 or > LimitMax)
            {
                throw BillingRefusal.InvalidField("limit", "limit-out-of-range", $"limit is a number from 1 to {LimitMax}.");
            }

            if (state is not (null or "waiting" or "taken" or "discarded"))
            {
                throw BillingRefusal.InvalidField("state", "state-unknown", "state is waiting, taken or discarded; waiting if it is left out.");
            }

            await using var command = dataSource.CreateCommand(
                """
                select id, workspace, item, code, event, at, state, settled_at, settled_by, reason from workspaces.usage_quarantine
                where state = $1 and id > $2 and ($3::text is null or code = $3) and ($4::text is null or workspace = $4)
                order by id limit $5
                """);
            foreach (var value in new object[]
            {
                state ?? "waiting", QuarantineCursor.Read(cursor), (object?)code ?? DBNull.Value, (object?)workspaceId ?? DBNull.Value, limit + 1,
            })
            {
                command.Parameters.Add(new() { Value = value });
            }

            var items = new List<Entry>();
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                items.Add(new(
                    QuarantineCursor.Of(rows.GetInt64(0)), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4),
                    rows.GetFieldValue<DateTimeOffset>(5), rows.GetString(6), rows.IsDBNull(7) ? null : rows.GetFieldValue<DateTimeOffset>(7),
                    rows.IsDBNull(8) ? null : rows.GetString(8), rows.IsDBNull(9) ? null : rows.GetString(9)));
            }

            return TypedResults.Ok(new Page([.. items.Take(limit)], items.Count > limit ? items[limit - 1].Id : null));
        })
        .ForClients(Scopes.Operator)
        .Refuses("limit-out-of-range", "cursor-unknown", "state-unknown")
        .WithSummary("Usage that was set aside, and why; oldest first");

    internal sealed record Page(IReadOnlyList<Entry> Items, string? NextCursor);

    /// <summary>A quarantined event.</summary>
    /// <param name="Id">Its place in the quarantine.</param>
    /// <param name="WorkspaceId">As it names it.</param>
    /// <param name="Item">As it names it.</param>
    /// <param name="Code">What is wrong.</param>
    /// <param name="Event">The event as it came, JSON.</param>
    /// <param name="At">When it came.</param>
    /// <param name="State">Whether it waits, was taken after all, or was discarded.</param>
    /// <param name="SettledAt">When it was taken or discarded.</param>
    /// <param name="SettledBy">By whom.</param>
    /// <param name="Reason">Why it was discarded.</param>
    internal sealed record Entry(
        string Id, string WorkspaceId, string Item, string Code, string Event, DateTimeOffset At, string State, DateTimeOffset? SettledAt, string? SettledBy, string? Reason);
}
