using Guance.Billing.Platform;
using Npgsql;

namespace Guance.Billing.Sites.Feed;

internal sealed class Feeds(NpgsqlDataSource dataSource, Deployment deployment) : IFeeds
{
    private const int SubjectsMax = 1000;

    public Task<IReadOnlyDictionary<string, LastTold>> LastToldAsync(IReadOnlyCollection<string> subjects, CancellationToken ct) =>
        LastToldAsync(peer: null, subjects, ct);

    public Task<IReadOnlyDictionary<string, LastTold>> LastToldAsync(SiteCode site, IReadOnlyCollection<string> subjects, CancellationToken ct) =>
        LastToldAsync(site.Value, subjects, ct);

    public async Task<IReadOnlyList<SiteStatus>> SitesAsync(CancellationToken ct) =>
    [
        .. from peer in await PeersAsync(ct)
           where peer.Name != Deployment.BillingCenterName
           select new SiteStatus(
               SiteCode.Of(peer.Name), peer.Url, peer.ToldPosition, peer.AcknowledgedPosition, peer.AcknowledgedAt,
               peer.ToldPosition - peer.AcknowledgedPosition, peer.OldestPendingAt, peer.ReadPosition, peer.ReadAt, peer.LastContactAt, peer.LastError),
    ];

    /// <summary>How each peer stands, by name.</summary>
    internal async Task<IReadOnlyList<PeerStatus>> PeersAsync(CancellationToken ct)
    {
        var peers = Peer.Of(deployment);
        await using var command = dataSource.CreateCommand(
            """
            select p.name, coalesce(f.last_position, 0), coalesce(a.position, 0), a.at, o.written_at, coalesce(r.position, 0), r.at, c.last_contact_at, c.last_error
            from unnest($1::text[]) as p(name)
            left join link.feed f on f.peer = p.name
            left join lateral (
                select position, at from link.feed_acknowledgement where peer = p.name order by position desc limit 1) a on true
            left join lateral (
                select written_at from link.feed_message where peer = p.name and position > coalesce(a.position, 0) order by position limit 1) o on true
            left join link.feed_position r on r.peer = p.name
            left join link.peer c on c.name = p.name
            order by p.name
            """);
        command.Parameters.Add(new() { Value = peers.Select(peer => peer.Name).ToArray() });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var statuses = new List<PeerStatus>();
        while (await rows.ReadAsync(ct))
        {
            var name = rows.GetString(0);
            statuses.Add(new(
                name, peers.First(peer => peer.Name == name).Url, rows.GetInt64(1), rows.GetInt64(2), Time(rows, 3), Time(rows, 4), rows.GetInt64(5),
                Time(rows, 6), Time(rows, 7), rows.IsDBNull(8) ? null : rows.GetString(8)));
        }

        return statuses;
    }

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    private async Task<IReadOnlyDictionary<string, LastTold>> LastToldAsync(string? peer, IReadOnlyCollection<string> subjects, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subjects.Count, SubjectsMax, nameof(subjects));
        await using var command = dataSource.CreateCommand(
            """
            select s.subject, m.source_version, m.position, a.at
            from (select distinct unnest($1::text[]) as subject) s
            cross join lateral (
                select peer, position, source_version from link.feed_message
                where subject = s.subject and ($2::text is null or peer = $2) order by position desc limit 1) m
            left join lateral (
                select at from link.feed_acknowledgement where peer = m.peer and position >= m.position order by position limit 1) a on true
            """);
        command.Parameters.Add(new() { Value = subjects.ToArray() });
        command.Parameters.Add(new() { Value = (object?)peer ?? DBNull.Value });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var told = new Dictionary<string, LastTold>(StringComparer.Ordinal);
        while (await rows.ReadAsync(ct))
        {
            told.Add(rows.GetString(0), new(rows.GetInt64(1), rows.GetInt64(2), Time(rows, 3)));
        }

        return told;
    }
}

/// <summary>How a peer stands, seen from here; as <see cref="SiteStatus"/>.</summary>
internal sealed record PeerStatus(
    string Name, string Url, long ToldPosition, long AcknowledgedPosition, DateTimeOffset? AcknowledgedAt, DateTimeOffset? OldestPendingAt, long ReadPosition,
    DateTimeOffset? ReadAt, DateTimeOffset? LastContactAt, string? LastError);
