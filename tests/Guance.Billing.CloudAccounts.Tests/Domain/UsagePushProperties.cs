using CsCheck;
using Guance.Billing.CloudAccounts.Domain;

namespace Guance.Billing.CloudAccounts.Tests.Domain;

/// <summary>
/// Whatever happens between Settlement, us and the market, each amount is taken once (rules §8): statements that grow and fall, crashes
/// between keeping, sending and noting, lost answers, rejections, lateness, a closing that is learnt of late.
/// </summary>
public sealed class UsagePushProperties
{
    private const int SampleCount = 5_000;
    private static readonly DateTimeOffset Bought = new(2026, 3, 5, 8, 20, 30, TimeSpan.Zero);

    private static readonly Gen<Step> OneStep = Gen.Frequency(
        (4, Gen.Int[-300_000, 1_000_000].Select(hundredThousandths => (Step)new DayCloses(hundredThousandths / 100_000m))),
        (6, Gen.Const<Step>(new Prepare())),
        (6, Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9], (record, fate) => (Step)new Send(record, (Fate)Math.Min(fate, (int)Fate.Answered)))),
        (2, Gen.Int[1, 90].Select(minutes => (Step)new Wait(TimeSpan.FromMinutes(minutes)))),
        (1, Gen.Int[1, 12].Select(days => (Step)new Wait(TimeSpan.FromDays(days)))),
        (1, Gen.Int[0, 60].Select(minutes => (Step)new Closes(TimeSpan.FromMinutes(minutes)))));

    private abstract record Step;

    private sealed record DayCloses(decimal Amount) : Step;

    private sealed record Prepare : Step;

    private sealed record Send(int Record, Fate Fate) : Step;

    private sealed record Wait(TimeSpan Time) : Step;

    /// <summary>The market closed it a while ago and tells us now.</summary>
    private sealed record Closes(TimeSpan Ago) : Step;

    private enum Fate
    {
        NeverArrives,
        AnswerIsLost,
        Refused,
        RefusedAndAnswerIsLost,
        Answered,
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_schedule_of_statements_crashes_lost_answers_and_rejections_charges_everything_once(bool isDaily) =>
        OneStep.Array[0, 60].Sample(steps =>
        {
            var world = new World(isDaily ? UsageCadence.Daily : UsageCadence.Hourly);
            foreach (var step in steps)
            {
                world.Take(step);
                world.CheckAlways();
            }

            world.SettleDown();
            world.CheckAtEnd();
        }, iter: SampleCount);

    private sealed class Record(string meteringSn, PushWindow window, decimal amount)
    {
        public string MeteringSn { get; } = meteringSn;

        public PushWindow Window { get; } = window;

        public decimal Amount { get; } = amount;

        public int FurtherNumber { get; set; }

        public PushVerdict Verdict { get; set; } = PushVerdict.Unanswered;
    }

    /// <summary>What the module keeps, and a market that judges as the protocol's page says.</summary>
    private sealed class World(UsageCadence cadence)
    {
        private readonly List<Record> records = [];
        private readonly HashSet<string> numbersAtMarket = new(StringComparer.Ordinal);
        private readonly Dictionary<PushWindow, decimal> takenAtMarket = [];
        private DateTimeOffset now = Bought.AddMinutes(1);
        private DateTimeOffset dayEndsAt = Bought;
        private DateTimeOffset? closedAt;
        private decimal stated;
        private decimal highest;

        private decimal Accepted => records.Where(record => record.Verdict is PushVerdict.Accepted).Sum(record => record.Amount);

        private decimal Unanswered => Open.Sum(record => record.Amount);

        private Record[] Open => [.. records.Where(record => record.Verdict is PushVerdict.Unanswered)];

        public void Take(Step step)
        {
            switch (step)
            {
                case DayCloses(var amount):
                    now = now.AddHours(16);
                    dayEndsAt = now.AddMinutes(-15);
                    stated = Math.Max(0m, stated + amount);
                    highest = Math.Max(highest, stated);
                    break;
                case Prepare:
                    PrepareNext();
                    break;
                case Send(var index, var fate) when Open is { Length: > 0 } open:
                    SendOne(open[index % open.Length], fate);
                    break;
                case Wait(var time):
                    now += time;
                    break;
                case Closes(var ago) when closedAt is null && now - ago > Bought:
                    closedAt = now - ago;
                    break;
                default:
                    break;
            }
        }

        public void CheckAlways()
        {
            (Accepted + Unanswered + (stated - Accepted - Unanswered)).ShouldBe(stated);
            (Accepted + Unanswered).ShouldBeLessThanOrEqualTo(highest);
            takenAtMarket.Values.Sum().ShouldBeLessThanOrEqualTo(Accepted + Unanswered);
            records.Select(record => record.Window).ShouldBeUnique();
            records.Select(record => record.MeteringSn).ShouldBeUnique();
        }

        /// <summary>Nothing goes wrong any more.</summary>
        public void SettleDown()
        {
            for (var run = 0; run < 20; run++)
            {
                now = now.AddMinutes(5);
                PrepareNext();
                foreach (var record in Open)
                {
                    SendOne(record, Fate.Answered);
                }
            }
        }

        public void CheckAtEnd()
        {
            CheckAlways();
            if (Open.Length > 0)
            {
                // In doubt, and too old or closed before its end: the market tells no more, a person has to.
                Open.ShouldAllBe(record => record.FurtherNumber > 0 && (record.Window.BeginsAt < now - UsagePushPlanner.AgeMax || record.Window.EndsAt > closedAt));
                return;
            }

            takenAtMarket.Values.Sum().ShouldBe(Accepted);
            var residue = stated - Accepted;
            if (residue >= UsagePushPlanner.AmountMin)
            {
                (closedAt < now.AddDays(-20)).ShouldBeTrue($"{residue} is left over although the market still takes windows.");
            }
        }

        private void PrepareNext()
        {
            var plan = UsagePushPlanner.Next(
                new(stated, Accepted, Unanswered, dayEndsAt, Bought, closedAt, [.. records.Select(record => record.Window).Where(window => window.EndsAt >= now - UsagePushPlanner.AgeMax)]),
                cadence.WindowMax, now);
            if (plan.Step is not PushStep.Push)
            {
                return;
            }

            var (begin, end) = (plan.Window.BeginsAt, plan.Window.EndsAt);
            plan.Amount.ShouldBeGreaterThan(0m);
            decimal.Round(plan.Amount, 4).ShouldBe(plan.Amount);
            begin.ShouldBeInRange(Bought > now.AddDays(-21) ? Bought : now.AddDays(-21), end);
            end.ShouldBeLessThanOrEqualTo(closedAt ?? now);
            (end - begin).ShouldBeLessThanOrEqualTo(cadence.WindowMax);
            records.Add(new(MeteringSn.Of(new(CloudProvider.HuaweiCloud, "instance"), plan.Window), plan.Window, plan.Amount));
        }

        private void SendOne(Record record, Fate fate)
        {
            if (fate is Fate.NeverArrives)
            {
                return;
            }

            var code = Judge(record, isRefused: fate is Fate.Refused or Fate.RefusedAndAnswerIsLost);
            if (fate is Fate.AnswerIsLost or Fate.RefusedAndAnswerIsLost)
            {
                return;
            }

            switch (PushVerdicts.Of(record.FurtherNumber, code))
            {
                case PushVerdict.Doubtful:
                    record.FurtherNumber++;
                    break;
                case var verdict:
                    record.Verdict = verdict;
                    break;
            }
        }

        private string? Judge(Record record, bool isRefused)
        {
            if (!numbersAtMarket.Add(MeteringSn.OnWire(record.MeteringSn, record.FurtherNumber)))
            {
                return "005";
            }

            var code = record.Window.BeginsAt < now - UsagePushPlanner.AgeMax ? "007"
                : record.Window.EndsAt > (closedAt ?? now) ? "011"
                : takenAtMarket.ContainsKey(record.Window) ? "010"
                : isRefused ? "013"
                : null;
            if (code is null)
            {
                takenAtMarket.Add(record.Window, record.Amount);
            }

            return code;
        }
    }
}
