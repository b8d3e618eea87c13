using System.Globalization;
using CsCheck;
using Guance.Billing.TestKit;
using static Guance.Billing.Workspaces.Tests.Usage.Metering;

namespace Guance.Billing.Workspaces.Tests.Usage;

[Collection(OpenIngests)]
public sealed class CutTests(Site site)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_hour_is_cut_where_the_payer_changes_before_and_after_the_usage_comes()
    {
        var workspace = await site.WorkspaceAsync();
        var other = await site.WorkspaceAsync();
        var hour = site.PastHour();
        string[] events =
        [
            Event(workspace, "1", "logs", "1", hour), Event(workspace, "2", "logs", "2", hour.AddMinutes(20)), Event(workspace, "3", "logs", "4", hour.AddMinutes(40)),
            Event(workspace, "4", "series", "9", hour.AddMinutes(10)), Event(workspace, "5", "series", "5", hour.AddMinutes(50)), Event(other, "6", "logs", "7", hour.AddMinutes(50)),
            Event(workspace, "7", "calls", "1", hour.AddMinutes(30)),
        ];
        await site.SendAsync(events);

        await site.TellAsync(site.Bound(workspace) with { OccurredAt = hour.AddDays(-2) }, site.Unlinked(workspace, 2) with { OccurredAt = hour.AddMinutes(20) });
        await site.TellAsync(Site.Locked(workspace, 3, hour.AddMinutes(40)));
        await site.SendAsync([.. events, Event(workspace, "8", "logs", "8", hour.AddMinutes(39)), Event(workspace, "9", "series", "3", hour.AddMinutes(15))]);

        (await site.TotalsAsync(workspace)).ShouldBe(
        [
            // What moved to another part leaves 0, which must be told.
            $"calls 0 {hour:HH}:00 {hour:HH}:00 = 0", $"calls 0 {hour:HH}:00 {hour:HH}:20 = 1",
            $"logs 7 {hour:HH}:00 {hour:HH}:00 = 1", $"logs 7 {hour:HH}:00 {hour:HH}:20 = 10", $"logs 7 {hour:HH}:00 {hour:HH}:40 = 4",
            $"series 3 {hour:HH}:00 {hour:HH}:00 = 9", $"series 3 {hour:HH}:00 {hour:HH}:20 = 0", $"series 3 {hour:HH}:00 {hour:HH}:40 = 5",
        ]);
        (await site.TotalsAsync(other)).ShouldBe([$"logs 7 {hour:HH}:00 {hour:HH}:00 = 7"]);
        await site.TellUsageAsync();
        (await site.ToldTotalsAsync(workspace)).ShouldBe(await site.TotalsAsync(workspace));
    }

    [Fact]
    public async Task A_cut_waits_for_the_ingest_that_is_under_way_and_counts_it_again()
    {
        var workspace = await site.WorkspaceAsync();
        var hour = site.PastHour();
        var (scope, work) = await site.HoldAsync(Event(workspace, "1", "logs", "1", hour), Event(workspace, "2", "logs", "2", hour.AddMinutes(30)));
        await using (scope)
        {
            var cut = Task.Run(() => site.TellAsync(site.Unlinked(workspace, 2) with { OccurredAt = hour.AddMinutes(30) }), Ct);
            await Eventually.Until(site.IsAnyLockWaitedForAsync, TimeSpan.FromSeconds(20));
            cut.IsCompleted.ShouldBeFalse();
            await work.CommitAsync(Ct);
            await cut;
        }

        (await site.TotalsAsync(workspace)).ShouldBe([$"logs 7 {hour:HH}:00 {hour:HH}:00 = 1", $"logs 7 {hour:HH}:00 {hour:HH}:30 = 2"]);
    }

    private static readonly string[] Items = ["logs", "series"];

    private sealed record Usage(int Minute, int Item, int Quantity);

    /// <summary>What comes to a site about one workspace: requests, whose events may come again, and cuts. In any order.</summary>
    private static readonly Gen<(Usage[] Events, (int[] Request, int? Cut)[] Steps)> Histories =
        Gen.Select(Gen.Int[0, 119], Gen.Int[0, 1], Gen.Int[0, 9], (minute, item, quantity) => new Usage(minute, item, quantity)).Array[1, 12].SelectMany(events =>
            Gen.OneOf(
                Gen.Int[0, events.Length - 1].Array[1, 6].Select(request => (request, (int?)null)),
                Gen.Int[0, 119].Select(minute => (Array.Empty<int>(), (int?)minute))).Array[1, 12]
            .SelectMany(steps => Gen.Shuffle(Enumerable.Range(0, events.Length).ToArray())
                .Select(last => (events, (((int[], int?)[])[.. steps, (last, null)])))));

    [Fact]
    public Task In_whatever_order_events_and_cuts_come_and_come_again_each_part_has_what_was_used_in_it() =>
        Histories.SampleAsync(async history =>
        {
            var workspace = await site.WorkspaceAsync();
            var start = site.PastHour().AddHours(-1);
            var version = 1;
            foreach (var (request, cut) in history.Steps)
            {
                if (cut is { } minute)
                {
                    await site.TellAsync(site.Unlinked(workspace, ++version) with { OccurredAt = start.AddMinutes(minute) });
                }
                else
                {
                    await site.IngestAsync(request.Select(n => Event(
                        workspace, $"e{n}", Items[history.Events[n].Item], history.Events[n].Quantity.ToString(CultureInfo.InvariantCulture), start.AddMinutes(history.Events[n].Minute))));
                }
            }

            var cuts = history.Steps.Select(step => step.Cut).OfType<int>().ToArray();
            var expected = history.Events
                .GroupBy(e => (e.Item, e.Minute / 60, Part: cuts.Where(cut => cut <= e.Minute).Append(e.Minute / 60 * 60).Max()))
                .Select(part => (part.Key.Item, part.Key.Part, Quantity: part.Key.Item == 0 ? part.Sum(e => e.Quantity) : part.Max(e => e.Quantity)))
                .Where(part => part.Quantity > 0)
                .Select(part => $"{Items[part.Item]} {start.AddMinutes(part.Part):HH:mm} {part.Quantity}");
            (await site.CellsAsync(workspace)).Where(cell => cell.Quantity > 0).Select(cell => $"{cell.Item} {cell.PartFrom:HH:mm} {cell.Quantity:0.##}")
                .ShouldBe(expected, ignoreOrder: true);
            await site.TellUsageAsync();
            (await site.ToldTotalsAsync(workspace)).ShouldBe(await site.TotalsAsync(workspace));
        }, iter: 25, threads: 1);
}
