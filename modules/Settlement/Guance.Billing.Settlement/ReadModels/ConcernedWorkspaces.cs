using Npgsql;

namespace Guance.Billing.Settlement.ReadModels;

/// <summary>The workspaces of one owner at one site that a subscription settles.</summary>
internal sealed record ConcernedGroup(SiteCode Site, BillingAccountId Owner, int Workspaces, IReadOnlyList<string> FirstNames);

/// <summary>What a closing concerns, in one query however many there are. Dissolved workspaces are nobody's concern.</summary>
internal static class ConcernedWorkspaces
{
    /// <summary>How many names are told.</summary>
    public const int NamesMax = 20;

    public static async Task<IReadOnlyList<ConcernedGroup>> CountAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, CloudInstanceKey instance, CancellationToken ct)
    {
        await using var count = new NpgsqlCommand(
            $"""
            select data ->> 'siteKey', account_key, count(*)::int, (array_agg(data ->> 'name' order by id))[1:{NamesMax}]
            from settlement.mt_doc_workspacesettlement
            where instance_key = $1 and data ->> 'dissolvedAt' is null
            group by 1, 2 order by 1, 2
            """,
            connection, transaction);
        count.Parameters.Add(new() { Value = instance.ToString() });
        await using var rows = await count.ExecuteReaderAsync(ct);
        var groups = new List<ConcernedGroup>();
        while (await rows.ReadAsync(ct))
        {
            groups.Add(new(SiteCode.Of(rows.GetString(0)), BillingAccountId.Of(rows.GetString(1)), rows.GetInt32(2), rows.GetFieldValue<string[]>(3)));
        }

        return groups;
    }
}
