using System.Collections.Concurrent;
using System.Diagnostics;
using CsCheck;
using Guance.Billing.Platform.Data;
using Guance.Billing.Settlement.Features;
using Guance.Billing.TestKit;
using Guance.Billing.Workspaces.Contracts;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Guance.Billing.Settlement.Tests.Rating.RatedCenter;

namespace Guance.Billing.Settlement.Tests.Rating;

/// <summary>However a run goes, and in whatever order totals come: the bills are the same.</summary>
public sealed class InterruptedCloseTests
{
    [Fact]
    public async Task A_run_killed_between_batches_or_run_by_several_at_once_ends_as_an_undisturbed_one()
    {
        var undisturbed = await BillsAsync(center => center.CloseAsync());
        var killed = await BillsAsync(async center =>
        {
            await OpenAsync(center);
            for (var batch = 0; batch < 3; batch++)
            {
                await center.Deployment.SendAsync(new CloseDayBatch(center.Day0, 1 + (batch % 2)));
            }

            // A run that is stopped in the middle of a batch leaves nothing of it.
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(5));
            await using (var scope = center.Deployment.Services.CreateAsyncScope())
            {
                await Should.ThrowAsync<Exception>(async () =>
                {
                    while (true)
                    {
                        await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new CloseDayBatch(center.Day0, 1), stop.Token);
                    }
                });
            }

            await center.CloseAsync();
        });
        var several = await BillsAsync(async center =>
        {
            await OpenAsync(center);
            await Task.WhenAll(center.CloseAsync(), center.CloseAsync(), center.CloseAsync());
        });

        undisturbed.Count.ShouldBe(36);
        killed.ShouldBe(undisturbed);
        several.ShouldBe(undisturbed);
    }

    [Fact]
    public async Task A_run_takes_small_steps_while_others_keep_the_database_busy_and_ends_as_an_undisturbed_one()
    {
        var undisturbed = await BillsAsync(center => center.CloseAsync());
        var steps = 0L;
        var checks = new ConcurrentDictionary<ActivityTraceId, int>();
        var givingWay = await BillsAsync(
            async center =>
            {
                var (source, traffic) = (center.Deployment.Services.GetRequiredService<NpgsqlDataSource>(), center.Deployment.Services.GetRequiredService<Traffic>());
                await Eventually.Until(async () => !await traffic.IsBusyAsync(CancellationToken.None));
                using var stop = new CancellationTokenSource();
                var others = Task.Run(
                    async () =>
                    {
                        while (!stop.IsCancellationRequested)
                        {
                            await using var call = source.CreateCommand("select 1");
                            await call.ExecuteScalarAsync();
                        }
                    },
                    CancellationToken.None);
                await Eventually.Until(async () => await traffic.IsBusyAsync(CancellationToken.None));
                using (CountChecks(source, trace => checks.AddOrUpdate(trace, 1, (_, count) => count + 1)))
                {
                    await center.CloseAsync();
                }

                await stop.CancelAsync();
                await others;
                // A transaction's rows bear its number.
                steps = await center.ScalarAsync<long>("select count(distinct xmin::text) from settlement.bill_line");
            },
            batchSize: 4);

        givingWay.ShouldBe(undisturbed);
        steps.ShouldBe(12);
        // The days before it have none to check; the end of the last is known by a step that finds nobody. The job that closes days may have come to it meanwhile, and checks it, too, in a trace of its own.
        checks.Values.Max().ShouldBe(13);
    }

    /// <summary>Totals told and days closed in any order: what a workspace is charged in all is what a simple model says of the final totals.</summary>
    [Fact]
    public async Task The_order_of_totals_and_closes_changes_when_something_is_charged_and_not_what()
    {
        await using var center = await StartAsync();
        var acts = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[1, 23], Gen.Int[0, 4_000_000], (kind, item, hour, quantity) => (kind, item, hour, quantity)).Array[4, 14];
        var plays = new List<(WorkspaceId Workspace, Dictionary<(string Item, int Hour), decimal> Cells, DateTimeOffset Cut, (int Kind, int Item, int Hour, int Quantity)[] Acts)>();
        acts.Sample(play => plays.Add((default, [], default, play)), iter: 20, threads: 1, seed: "0000KOIPe036");
        for (var index = 0; index < plays.Count; index++)
        {
            var workspace = await center.BindAsync(Cloud);
            var cut = center.Begin.AddMinutes(37 * (index + 1));
            await center.ChangePayerAsync(workspace, null, cut);
            plays[index] = plays[index] with { Workspace = workspace, Cut = cut };
        }

        // Step by step, everybody's next act; two days in between are closed.
        for (var step = 0; step < 14; step++)
        {
            var cells = plays.Where(play => step < play.Acts.Length).Select(play => (play, Act: play.Acts[step])).Select(next =>
            {
                var (item, retention) = new[] { ("logs", 7), ("task-calls", 0), ("time-series", 3) }[next.Act.Item];
                next.play.Cells[(item, next.Act.Hour)] = next.Act.Quantity;
                return center.Cell(next.play.Workspace, item, retention, next.Act.Quantity, hour: next.Act.Hour);
            }).ToArray();
            if (cells.Length > 0)
            {
                await center.TellAsync(cells);
            }

            if (step % 5 == 4)
            {
                await center.CloseAsync(step / 5);
            }
        }

        await center.CloseAsync(3);
        var lines = (await center.LinesAsync()).ToLookup(line => (line.Workspace, line.Item, line.Payer));
        foreach (var play in plays)
        {
            foreach (var (item, price) in new[] { ("logs", 1.2m / 1_000_000), ("task-calls", 1m / 10_000) })
            {
                Sum(play.Workspace, item, CloudPayer).ShouldBe(play.Cells.Where(cell => cell.Key.Item == item && center.Begin.AddHours(cell.Key.Hour) < play.Cut).Sum(cell => cell.Value) * price);
                Sum(play.Workspace, item, Center).ShouldBe(play.Cells.Where(cell => cell.Key.Item == item && center.Begin.AddHours(cell.Key.Hour) >= play.Cut).Sum(cell => cell.Value) * price);
            }

            var charge = play.Cells.Where(cell => cell.Key.Item == "time-series").Select(cell => cell.Value).DefaultIfEmpty().Max() * 0.6m / 1_000;
            var cloud = decimal.Round(charge * (decimal)(play.Cut - center.Begin).TotalSeconds / 86_400, 16, MidpointRounding.AwayFromZero);
            Sum(play.Workspace, "time-series", CloudPayer).ShouldBe(cloud);
            Sum(play.Workspace, "time-series", Center).ShouldBe(charge - cloud);
        }

        lines.Sum(key => key.Sum(line => line.Amount)).ShouldBe(await center.ScalarAsync<decimal>("select sum(total) from settlement.bill"));
        lines.SelectMany(key => key).Count(line => line.AdjustsDay is not null).ShouldBeGreaterThan(10);

        decimal Sum(WorkspaceId workspace, string item, string payer) => lines[(workspace, item, payer)].Sum(line => line.Exact);
    }

    /// <summary>Hears of each statement by which a day's checks rate some of it once more.</summary>
    private static ActivityListener CountChecks(NpgsqlDataSource source, Action<ActivityTraceId> count)
    {
        var database = new NpgsqlConnectionStringBuilder(source.ConnectionString).Database;
        var listener = new ActivityListener
        {
            ShouldListenTo = activities => activities.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = statement =>
            {
                if (statement.GetTagItem("db.namespace") as string == database
                    && statement.GetTagItem("db.query.text") is string text && text.Contains("distinct workspace, account_id from difference", StringComparison.Ordinal))
                {
                    count(statement.TraceId);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static async Task OpenAsync(RatedCenter center)
    {
        while (await center.Deployment.SendAsync(new OpenNextDay(center.Day0)) is { } open && open.Day < center.Day0)
        {
            for (var lane = 1; lane <= open.Lanes; lane++)
            {
                while (await center.Deployment.SendAsync(new CloseDayBatch(open.Day, lane)))
                {
                }
            }

            await center.Deployment.SendAsync(new FinishRating(open.Day));
            await center.Deployment.SendAsync(new CompleteDay(open.Day));
        }
    }

    /// <summary>The lines of a day of a dozen workspaces, closed in batches of two unless told.</summary>
    private static async Task<IReadOnlyList<string>> BillsAsync(Func<RatedCenter, Task> close, int batchSize = 2)
    {
        await using var center = await StartAsync(batchSize);
        var cells = new List<UsageTotal>();
        for (var number = 1; number <= 12; number++)
        {
            var workspace = await center.BindAsync(number % 3 == 0 ? Cloud : null);
            cells.AddRange([center.Cell(workspace, "logs", 7, 3_333 * number), center.Cell(workspace, "time-series", 7, 777 * number), center.Cell(workspace, "sms", 0, number)]);
        }

        await center.TellAsync([.. cells]);
        await close(center);
        (await center.ScalarAsync<string>(
            $"select workspaces || ' ' || lines || ' ' || (total = (select sum(amount) from settlement.bill_line)) from settlement.day_close where day = '{center.Day0:yyyy-MM-dd}'"))
            .ShouldBe("12 36 true");
        (await center.ScalarAsync<bool>("select (select sum(residue) from settlement.carry) = (select sum(exact) - sum(amount) from settlement.bill_line)")).ShouldBeTrue();
        return [.. (await center.LinesAsync()).Select(line => $"{line.Workspace} {line.Number} {line.Item} {line.Payer} {line.Exact} {line.Amount} {line.CarryOut}")];
    }
}
