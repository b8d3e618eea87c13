using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Guance.Billing.Platform.Access;
using Guance.Billing.Workspaces.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Guance.Billing.Workspaces.Tests.Usage.Metering;

namespace Guance.Billing.Workspaces.Tests.Usage;

public sealed class ReadingTests(Site site)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_owner_sees_usage_by_the_hour_and_by_the_billing_day_whatever_its_parts()
    {
        var workspace = await site.WorkspaceAsync("usage-ann");
        // 15:00 and 16:00 UTC lie on both sides of a billing day's end in Shanghai.
        var noon = new DateTimeOffset(site.Now.AddDays(-3).UtcDateTime.Date, TimeSpan.Zero).AddHours(15);
        await site.TellAsync(site.Unlinked(workspace, 2) with { OccurredAt = noon.AddMinutes(30) });
        await site.SendAsync(
            Event(workspace, "1", "logs", "1", noon), Event(workspace, "2", "logs", "2", noon.AddMinutes(45)), Event(workspace, "3", "logs", "4", noon.AddHours(1)),
            Event(workspace, "4", "series", "5", noon), Event(workspace, "5", "series", "3", noon.AddMinutes(45)), Event(workspace, "6", "calls", "1", noon.AddHours(-1)));
        using var ann = await site.SignedInAsync("usage-ann");
        using var support = site.Client(Scopes.BillingRead);

        (await UsedAsync(ann, workspace, noon.AddHours(-1), noon.AddHours(2), "hour")).ShouldBe(
            [$"{noon.AddHours(-1):HH:mm} calls  1", $"{noon:HH:mm} logs 7 3", $"{noon:HH:mm} series 3 5", $"{noon.AddHours(1):HH:mm} logs 7 4"]);
        (await UsedAsync(support, workspace, noon.AddHours(-1), noon.AddHours(2), "day")).ShouldBe(["16:00 calls  1", "16:00 logs 7 3", "16:00 series 3 5", "16:00 logs 7 4"]);
    }

    [Fact]
    public async Task Others_usage_and_wrong_questions_are_refused()
    {
        var workspace = await site.WorkspaceAsync("usage-bob");
        using var ann = await site.SignedInAsync("usage-ann");
        using var bob = await site.SignedInAsync("usage-bob");
        await Refused(ann, "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", HttpStatusCode.NotFound, "workspace-not-found");
        await Refused(bob, "from=2026-01-01T00:00:00Z&to=2026-03-02T00:00:00Z", HttpStatusCode.BadRequest, "range-invalid");
        await Refused(bob, "from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", HttpStatusCode.BadRequest, "range-invalid");
        await Refused(bob, "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&granularity=week", HttpStatusCode.BadRequest, "granularity-unknown");
        await Refused(bob, "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&cursor=x", HttpStatusCode.BadRequest, "cursor-unknown");
        await Refused(bob, "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&limit=0", HttpStatusCode.BadRequest, "limit-out-of-range");

        async Task Refused(HttpClient client, string query, HttpStatusCode status, string code)
        {
            using var answer = await client.GetAsync(new Uri($"/api/workspaces/{workspace}/usage?{query}", UriKind.Relative), Ct);
            (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("code").GetString()).ShouldBe((status, code));
        }
    }

    [Fact]
    public async Task Months_get_their_partition_ahead_and_what_came_before_it_moves_there()
    {
        var workspace = await site.WorkspaceAsync(days: 399);
        var then = site.Now.AddDays(-390);
        await site.SendAsync(Event(workspace, "old", "logs", "3", then));
        var source = site.Deployment.Services.GetRequiredService<NpgsqlDataSource>();
        await site.TellUsageAsync();
        (await PartitionAsync("usage_hour")).ShouldBe("usage_hour_default");

        await ActivatorUtilities.CreateInstance<MakeUsagePartitionsJob>(site.Deployment.Services, new Then(then)).RunAsync(Ct);

        var month = then.ToString("yyyyMM", CultureInfo.InvariantCulture);
        (await PartitionAsync("usage_hour")).ShouldBe($"usage_hour_{month}");
        (await PartitionAsync("usage_batch")).ShouldBe($"usage_batch_{month}");
        (await site.TotalsAsync(workspace)).ShouldHaveSingleItem().ShouldEndWith("= 3");

        async Task<string?> PartitionAsync(string table)
        {
            await using var command = source.CreateCommand($"select tableoid::regclass::text from workspaces.{table} t where t::text like $1");
            command.Parameters.Add(new() { Value = $"%{UsageTables.IdOf(workspace.Value)}%" });
            return ((string?)await command.ExecuteScalarAsync(Ct))?.Split('.')[^1];
        }
    }

    private static async Task<IReadOnlyList<string>> UsedAsync(HttpClient client, WorkspaceId workspace, DateTimeOffset from, DateTimeOffset to, string granularity)
    {
        var (used, cursor) = (new List<string>(), (string?)null);
        do
        {
            var query = string.Create(
                CultureInfo.InvariantCulture,
                $"/api/workspaces/{workspace}/usage?from={from.UtcDateTime:O}&to={to.UtcDateTime:O}&granularity={granularity}&limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            var page = await client.GetFromJsonAsync<JsonElement>(new Uri(query, UriKind.Relative), Ct);
            used.AddRange(page.GetProperty("items").EnumerateArray().Select(e =>
                $"{e.GetProperty("from").GetDateTimeOffset():HH:mm} {e.GetProperty("item")} {e.GetProperty("retentionDays")} {e.GetProperty("quantity").GetDecimal():0.##}"));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        return used;
    }

    private sealed class Then(DateTimeOffset then) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => then;
    }
}
