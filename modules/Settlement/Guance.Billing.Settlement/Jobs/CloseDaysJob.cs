using Guance.Billing.Platform;
using Guance.Billing.Platform.Jobs;
using Npgsql;

namespace Guance.Billing.Settlement.Jobs;

/// <summary>Closes every day that is over: as soon as all sites have told its usage, or when waiting is no longer reasonable; missed days first, in order.</summary>
internal sealed class CloseDaysJob(DayCloses closes, WantedDays wanted, NpgsqlDataSource dataSource, BillingDays days, DayCloseSettings settings, Deployment deployment, TimeProvider clock) : ITickJob
{
    public const string Id = "settlement:close-days";

    public async Task RunAsync(CancellationToken ct)
    {
        var due = await LastDueAsync(ct);
        await closes.RunAsync(due > wanted.Last ? due : wanted.Last, null, ct);
    }

    private async Task<DateOnly> LastDueAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var yesterday = days.Of(now).AddDays(-1);
        var ends = days.End(yesterday);
        return now >= ends + settings.Wait || await AllToldAsync(ends, ct) ? yesterday : yesterday.AddDays(-1);
    }

    private async Task<bool> AllToldAsync(DateTimeOffset through, CancellationToken ct)
    {
        await using var count = dataSource.CreateCommand("select count(*) from settlement.usage_watermark where site = any ($1) and told_through >= $2");
        count.Parameters.Add(new() { Value = deployment.SiteUrls.Keys.Select(site => site.Value).ToArray() });
        count.Parameters.Add(new() { Value = through });
        return await count.ExecuteScalarAsync(ct) is long told && told == deployment.SiteUrls.Count;
    }
}
