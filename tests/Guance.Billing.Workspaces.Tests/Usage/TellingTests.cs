using Guance.Billing.TestKit;
using Guance.Billing.Workspaces.Contracts;
using static Guance.Billing.Workspaces.Tests.Usage.Metering;

namespace Guance.Billing.Workspaces.Tests.Usage;

[Collection(OpenIngests)]
public sealed class TellingTests(Site site)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_ingested_is_told_by_itself()
    {
        var workspace = await site.WorkspaceAsync();
        await site.SendAsync(Event(workspace, "1", "logs", "1", site.PastHour()));
        await Eventually.Until(async () => (await site.ToldTotalsAsync(workspace)).Count == 1, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Telling_overlooks_nothing_that_is_committed_while_and_after_it_tells()
    {
        var (open, done) = (await site.WorkspaceAsync(), await site.WorkspaceAsync());
        var hour = site.PastHour();
        var (scope, work) = await site.HoldAsync(Event(open, "1", "logs", "1", hour));
        await using (scope)
        {
            await site.IngestAsync(Event(done, "1", "logs", "1", hour), Event(done, "2", "logs", "2", hour.AddHours(1)));
            await site.TellUsageAsync();
            (await site.ToldTotalsAsync(done)).ShouldBe(await site.TotalsAsync(done));
            (await site.ToldTotalsAsync(open)).ShouldBeEmpty();
            await work.CommitAsync(Ct);
        }

        await site.IngestAsync(Event(done, "3", "logs", "4", hour));
        await site.TellUsageAsync();

        (await site.ToldTotalsAsync(open)).ShouldBe(await site.TotalsAsync(open));
        (await site.ToldTotalsAsync(done)).ShouldBe(await site.TotalsAsync(done));
        // Lists are in the order of their texts, which midnight turns round.
        (await site.TotalsAsync(done)).ShouldBe([$"logs 7 {hour:HH:mm} {hour:HH:mm} = 5", $"logs 7 {hour.AddHours(1):HH:mm} {hour.AddHours(1):HH:mm} = 2"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_total_is_seen_at_once_and_stays_the_same_when_it_is_counted()
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();
        await site.IngestAsync(Event(workspace, "1", "logs", "1", hour), Event(workspace, "1-g", "series", "7", hour));
        await site.TellUsageAsync();
        await site.IngestAsync(Event(workspace, "2", "logs", "2", hour), Event(workspace, "2-g", "series", "5", hour));

        string[] both = [$"logs 7 {hour:HH:mm} {hour:HH:mm} = 3", $"series 3 {hour:HH:mm} {hour:HH:mm} = 7"];
        (await site.TotalsAsync(workspace)).ShouldBe(both);
        await site.TellUsageAsync();
        (await site.TotalsAsync(workspace)).ShouldBe(both);
        (await site.ToldTotalsAsync(workspace)).ShouldBe(both);
    }

    [Fact]
    public async Task Many_tell_while_many_ingest_and_the_last_word_is_the_newest()
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();
        var ingests = Task.WhenAll(Enumerable.Range(0, 4).Select(agent => Task.Run(async () =>
        {
            for (var n = 0; n < 20; n++)
            {
                await site.IngestAsync(Event(workspace, $"{agent}-{n}", "logs", "1", hour), Event(workspace, $"{agent}-{n}-g", "series", $"{agent + n}", hour));
            }
        }, Ct)));
        while (!ingests.IsCompleted)
        {
            await Task.WhenAll(site.TellUsageAsync(), site.TellUsageAsync());
        }

        await ingests;
        await site.TellUsageAsync();
        (await site.ToldTotalsAsync(workspace)).ShouldBe([$"logs 7 {hour:HH:mm} {hour:HH:mm} = 80", $"series 3 {hour:HH:mm} {hour:HH:mm} = 22"]);
    }

    [Fact]
    public async Task Tellings_are_numbered_and_what_is_told_through_an_instant_comes_after_all_that_was_accepted_before()
    {
        var workspace = await site.WorkspaceAsync();
        await site.IngestAsync(Enumerable.Range(0, 1200).Select(n => Event(workspace, $"{n}", "logs", "1", site.PastHour().AddHours(-n % 600), retention: n % 2 == 0 ? 7 : 30)));
        await site.TellUsageAsync();

        var totals = await site.ToldAsync<UsageTotalsToldIntegrationEvent>("usage-totals-told");
        var through = await site.ToldAsync<UsageToldThroughIntegrationEvent>("usage-told-through");
        var kinds = await site.ToldAsync<UsageQuarantinedIntegrationEvent>("usage-quarantined");

        through.ShouldNotBeEmpty();
        through.ShouldAllBe(told => told.Site == Site.Code && told.Through <= site.Deployment.Clock.GetUtcNow());
        var versions = totals.Select(told => told.SourceVersion).Concat(through.Select(told => told.SourceVersion)).Concat(kinds.Select(told => told.SourceVersion)).Order();
        versions.ShouldBe(Enumerable.Range(1, totals.Count + through.Count + kinds.Count).Select(n => (long)n));
        totals.Select(told => told.EventId).ShouldBeUnique();
        // At most once a minute: this test takes less than that, and so do all together that may run meanwhile.
        through.Zip(through.Skip(1)).ShouldAllBe(pair => pair.Second.Through - pair.First.Through >= TimeSpan.FromMinutes(1));
    }
}
