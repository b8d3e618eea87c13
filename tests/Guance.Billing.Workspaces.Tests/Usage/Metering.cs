using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Features;
using Guance.Billing.Workspaces.Jobs;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Workspaces.Tests.Usage;

/// <summary>See <see cref="Metering.OpenIngests"/>.</summary>
[CollectionDefinition(Metering.OpenIngests, DisableParallelization = true)]
public sealed class OpenIngestsCollection;

/// <summary>What a metering agent sends, and what a site then knows.</summary>
internal static class Metering
{
    /// <summary>
    /// Tests that keep an ingest open run alone: a change of payer elsewhere would wait for it, and the test's next ingest behind that change.
    /// </summary>
    public const string OpenIngests = "open ingests";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Whether somebody waits for an advisory lock of the site's database.</summary>
    public static async Task<bool> IsAnyLockWaitedForAsync(this Site site)
    {
        await using var read = site.Deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            select exists (
                select from pg_locks l join pg_database d on d.oid = l.database
                where d.datname = current_database() and l.locktype = 'advisory' and not l.granted)
            """);
        return (bool)(await read.ExecuteScalarAsync(Ct))!;
    }

    /// <summary>A workspace that exists since <paramref name="days"/> days.</summary>
    public static async Task<WorkspaceId> WorkspaceAsync(this Site site, string owner = "meter-ann", int days = 30)
    {
        var id = site.NewId();
        await site.CreateAsync(id, owner, createdAt: site.Now.AddDays(-days));
        return id;
    }

    public static string Event(WorkspaceId workspace, string id, string item, string quantity, DateTimeOffset time, int? retention = null) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{id}}","workspaceId":"{{workspace}}","item":"{{item}}","quantity":{{quantity}},"time":"{{time:O}}"{{(retention is null ? "" : $",\"retentionDays\":{retention}")}}}""");

    public static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(
        this Site site, byte[] body, string mediaType = "application/json", string? encoding = null, string scope = Scopes.UsageWrite)
    {
        using var client = site.Client(scope);
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using var answer = await client.PostAsync(new Uri("/api/usage", UriKind.Relative), content, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        return (answer.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    /// <summary>Sends events and tells what became of them, such as <c>1 accepted, 0 duplicates, [0 unknown-item]</c>.</summary>
    public static async Task<string> SendAsync(this Site site, params IEnumerable<string> events)
    {
        var (status, answer) = await site.PostAsync(Encoding.UTF8.GetBytes($"[{string.Join(',', events)}]"));
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        return Told(answer);
    }

    public static string Told(JsonElement answer) =>
        $"{answer.GetProperty("accepted")} accepted, {answer.GetProperty("duplicates")} duplicates, "
        + $"[{string.Join(", ", answer.GetProperty("quarantined").EnumerateArray().Select(e => $"{e.GetProperty("index")} {e.GetProperty("code").GetString()}"))}]";

    public static UsageBatch Batch(params IEnumerable<string> events) =>
        UsageBatch.Read(Encoding.UTF8.GetBytes($"[{string.Join(',', events)}]"), isLines: false);

    public static async Task<UsageTaken> IngestAsync(this Site site, params IEnumerable<string> events)
    {
        using var batch = Batch(events);
        return await site.Deployment.SendAsync(new IngestUsage(batch));
    }

    /// <summary>Ingests in a transaction that stays open.</summary>
    public static async Task<(AsyncServiceScope Scope, UnitOfWork Work)> HoldAsync(this Site site, params IEnumerable<string> events)
    {
        var scope = site.Deployment.Services.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(Ct);
        using var batch = Batch(events);
        (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new IngestUsage(batch), Ct)).Accepted.ShouldBeGreaterThan(0);
        return (scope, work);
    }

    /// <summary>A workspace's totals as they stand: <c>logs 7 10:00 10:20 = 12.5</c>.</summary>
    public static async Task<IReadOnlyList<string>> TotalsAsync(this Site site, WorkspaceId workspace) => [.. (await site.CellsAsync(workspace)).Select(Text).Order(StringComparer.Ordinal)];

    public static async Task<IReadOnlyList<UsageTotal>> CellsAsync(this Site site, WorkspaceId workspace)
    {
        await using var command = site.Deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select item, retention_days, hour, part_from, quantity from workspaces.usage_total where workspace = $1");
        command.Parameters.Add(new() { Value = UsageTables.IdOf(workspace.Value) });
        await using var rows = await command.ExecuteReaderAsync(Ct);
        var cells = new List<UsageTotal>();
        while (await rows.ReadAsync(Ct))
        {
            cells.Add(new(
                workspace, rows.GetString(0), rows.GetInt32(1), rows.GetFieldValue<DateTimeOffset>(2), rows.GetFieldValue<DateTimeOffset>(3), rows.GetDecimal(4)));
        }

        return cells;
    }

    public static string Text(UsageTotal total) => string.Create(
        CultureInfo.InvariantCulture,
        $"{total.Item} {total.RetentionDays} {total.Hour:HH:mm} {total.PartFrom:HH:mm} = {total.Quantity / 1.0000000000000000000000000000m}");

    /// <summary>Tells, as the job does.</summary>
    public static Task TellUsageAsync(this Site site) => site.Deployment.SendAsync(new TellUsage());

    /// <summary>What somebody knows who has applied the whole feed: the last word about each total of the workspaces.</summary>
    public static async Task<IReadOnlyList<string>> ToldTotalsAsync(this Site site, WorkspaceId workspace)
    {
        var cells = new Dictionary<UsageTotal, UsageTotal>();
        foreach (var told in await site.ToldAsync<UsageTotalsToldIntegrationEvent>("usage-totals-told"))
        {
            told.Totals.Count.ShouldBeLessThanOrEqualTo(1000);
            foreach (var total in told.Totals.Where(total => total.WorkspaceId == workspace))
            {
                cells[total with { Quantity = 0 }] = total;
            }
        }

        return [.. cells.Values.Select(Text).Order(StringComparer.Ordinal)];
    }

    /// <summary>What stands in the feed under a name, in its order; the feed has no gap.</summary>
    public static async Task<IReadOnlyList<T>> ToldAsync<T>(this Site site, string name)
    {
        await using var command = site.Deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select position, name, payload::text from link.feed_message where peer = 'billing-center' order by position");
        await using var rows = await command.ExecuteReaderAsync(Ct);
        var told = new List<T>();
        for (var position = 1L; await rows.ReadAsync(Ct); position++)
        {
            rows.GetInt64(0).ShouldBe(position);
            if (rows.GetString(1) == name)
            {
                told.Add(JsonSerializer.Deserialize<T>(rows.GetString(2), JsonSerializerOptions.Web)!);
            }
        }

        return told;
    }

    /// <summary>The hour before the last, so that nothing of it lies in the future.</summary>
    public static DateTimeOffset PastHour(this Site site) => new(site.Now.Ticks - (site.Now.Ticks % TimeSpan.TicksPerHour) - (2 * TimeSpan.TicksPerHour), TimeSpan.Zero);

    /// <summary>Waits until the job that ingests poke has told everything by itself.</summary>
    public static void Poke(this Site site) => site.Deployment.Services.GetRequiredService<ITicks>().Poke(TellUsageJob.Id);
}
