using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Simulation.Tests;

/// <summary>A customer who buys, registers, binds, changes, unlocks, recharges and closes as it comes; and the metering agents of its workspaces.</summary>
internal sealed class Customer(int number, Timetable timetable, Scenario scenario, Center center, IReadOnlyList<Site> sites)
{
    private const int WorkspacesMax = 4;
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(5);
    private static readonly (string Item, int RetentionDays, bool IsGauge, int Most)[] Items = [("logs", 7, false, 900_000), ("time-series", 3, true, 4_000), ("sms", 0, false, 30), ("apm-trace", 3, false, 700_000)];
    private readonly Dice dice = new(scenario.Seed, $"customer {number}");
    private readonly BillingAccountId account = Ids.Deterministic<BillingAccountId>("simulated", $"{scenario.Seed}", $"{number}");
    private readonly List<Purchase> purchases = [];
    private readonly List<(WorkspaceId Id, Site Site)> workspaces = [];
    private int things;

    /// <summary>The ids of usage events that a site has said it has.</summary>
    public HashSet<string> Acknowledged { get; } = new(StringComparer.Ordinal);

    public bool IsGone { get; set; }

    public void Begin()
    {
        Buy();
        timetable.In(TimeSpan.FromMinutes(30), Register);
        timetable.In(TimeSpan.FromMinutes(40), Register);
        Next();
    }

    private void Next() => timetable.In(TimeSpan.FromMinutes(10) + dice.UpTo(TimeSpan.FromHours(20)), () =>
    {
        if (IsGone)
        {
            return;
        }

        try
        {
            Act(dice.Below(100));
        }
        catch (BillingRefusal)
        {
            // Said to the customer, who does something else next time.
        }

        Next();
    });

    private void Act(int what)
    {
        var open = purchases.Where(purchase => purchase is { InstanceId: not null, IsClosing: false }).ToArray();
        switch (what)
        {
            case < 10 when open.Length < 2:
                Buy();
                break;
            case < 22 when workspaces.Count < WorkspacesMax:
                Register();
                break;
            case < 38 when workspaces.Count > 0 && open.Length > 0:
                center.ChangeMethod(dice.Of(workspaces).Id.Value, new(CloudProvider.HuaweiCloud, dice.Of(open).CustomerId, dice.Of(open).InstanceId!));
                break;
            case < 44 when workspaces.Count > 0:
                center.ChangeMethod(dice.Of(workspaces).Id.Value, null);
                break;
            case < 56 when open.Length > 0:
                center.Market.Close(dice.Of(open));
                break;
            case < 64 when open.Length > 0:
                var frozen = dice.Of(open);
                center.Market.SetFrozen(frozen, !frozen.IsFrozen);
                break;
            case < 80 when workspaces.Count > 0:
                center.Unlock(dice.Of(workspaces).Id.Value);
                break;
            case < 97:
                // Sent twice: whoever hears nothing sends it again.
                var (key, amount) = ($"credit-{number}-{++things}", 1 + dice.Below(300));
                CreditKind? kind = dice.Below(5) switch { 0 => CreditKind.OrdinaryVoucher, 1 => CreditKind.FullReductionVoucher, 2 => CreditKind.PrepaidCard, _ => null };
                for (var time = 0; time < 2; time++)
                {
                    center.Credit(account, key, kind is CreditKind.PrepaidCard ? 100 : amount, kind, timetable.Now.AddDays(5 + dice.Below(30)));
                }

                break;
            case >= 99 when workspaces.Count > 0:
                var (dissolved, site) = dice.Of(workspaces);
                if (site.Workspaces.ContainsKey(dissolved.Value))
                {
                    site.Dissolve(dissolved.Value);
                }

                break;
        }
    }

    private void Buy() => purchases.Add(center.Market.Buy($"cloud-{scenario.Seed}-{number}"));

    private void Register()
    {
        var (id, site) = (Ids.Deterministic<WorkspaceId>("simulated", $"{scenario.Seed}", $"{number}", $"{++things}"), dice.Of(sites));
        Activate(id, site, byCloud: dice.Chance(0.7));
    }

    private void Activate(WorkspaceId id, Site site, bool byCloud)
    {
        WorkspaceSettlement? bound = null;
        try
        {
            bound = site.IsCutOff ? null : center.Activate(id, SiteCode.Of(site.Code), account, byCloud ? purchases[0].CustomerId : null);
        }
        catch (BillingRefusal)
        {
            // No open subscription, or arrears: the other method may do, later.
            byCloud = !byCloud;
        }

        if (bound is null)
        {
            timetable.In(Again, () =>
            {
                if (!IsGone)
                {
                    Activate(id, site, byCloud);
                }
            });
            return;
        }

        workspaces.Add((id, site));
        Create();

        void Create()
        {
            if (site.Create(id, bound))
            {
                Meter(id.Value, site);
            }
            else
            {
                timetable.In(Again, Create);
            }
        }
    }

    private void Meter(string workspace, Site site)
    {
        var skew = dice.Around(scenario.Weather.SkewMax);
        Send();

        void Send()
        {
            if (IsGone)
            {
                return;
            }

            var (item, retentionDays, isGauge, most) = dice.Of(Items);
            Deliver(new($"e-{number}-{++things}", workspace, item, retentionDays, isGauge, dice.Below(most) + (dice.Below(1000) / 1000m), timetable.Now + skew));
            timetable.In(TimeSpan.FromMinutes(5) + dice.UpTo(TimeSpan.FromHours(4)), Send);
        }

        void Deliver(UsageEvent e)
        {
            var weather = IsGone ? Weather.Fair : scenario.Weather;
            timetable.In(dice.Chance(weather.Late) ? dice.UpTo(weather.LateMax) : TimeSpan.FromSeconds(dice.Below(60)), () =>
            {
                var isHeard = site.Ingest(e) && !dice.Chance(weather.LostAnswer);
                if (isHeard)
                {
                    Acknowledged.Add(e.Id);
                }

                if (!isHeard || dice.Chance(weather.Duplicate))
                {
                    timetable.In(Again, () => Deliver(e));
                }
            });
        }
    }
}
