using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.Features;

namespace Guance.Billing.Simulation.Tests;

/// <summary>A usage event as a metering agent sends it.</summary>
internal sealed record UsageEvent(string Id, string Workspace, string Item, int RetentionDays, bool IsGauge, decimal Quantity, DateTimeOffset Time);

/// <summary>A site has applied all that a closing meant for it.</summary>
internal sealed record ClosingAcknowledged(string ClosingId, DateTimeOffset At);

internal sealed record ExpiredAtSite(string Workspace, DateTimeOffset At);

internal sealed record DissolvedAtSite(string Workspace, DateTimeOffset At);

/// <summary>A site: replicas of what the Billing Center decides, access, and usage with its cuts; told in its feed.</summary>
internal sealed class Site(string code, Timetable timetable, Scenario scenario, Center center, TimeSpan skew)
{
    private const int PageSize = 20;
    private readonly Dice dice = new(scenario.Seed, code);
    private readonly Dictionary<string, Workspace> workspaces = new(StringComparer.Ordinal);
    private readonly HashSet<string> closings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UsageEvent> accepted = new(StringComparer.Ordinal);
    private readonly HashSet<string> quarantined = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Workspace, DateTimeOffset Hour), List<UsageEvent>> hours = [];
    private readonly Dictionary<string, SortedSet<DateTimeOffset>> cuts = new(StringComparer.Ordinal);
    private readonly HashSet<(string Workspace, DateTimeOffset Hour)> toTell = [];
    private readonly HashSet<Cell> toldCells = [];
    private int cursor;
    private long tellings;
    private DateTimeOffset cutOffUntil;

    public string Code => code;

    public Node Node { get; } = new(timetable, new(scenario.Seed, $"{code}'s crashes"), scenario.Weather, skew);

    public bool IsCutOff => timetable.Now < cutOffUntil;

    /// <summary>What the site tells the Billing Center, in order.</summary>
    public List<object> Told { get; } = [];

    public IReadOnlyDictionary<string, UsageEvent> Accepted => accepted;

    public IReadOnlyCollection<string> Quarantined => quarantined;

    public IReadOnlyDictionary<string, Workspace> Workspaces => workspaces;

    private DateTimeOffset Now => Node.Clock.GetUtcNow();

    public void CutOff(TimeSpan span) => cutOffUntil = timetable.Now + span;

    public long VersionOf(string workspace) => workspaces.GetValueOrDefault(workspace)?.SettlementVersion ?? 0;

    /// <summary>CreateWorkspace, with what the activation answered.</summary>
    public bool Create(WorkspaceId id, Settlement.Domain.WorkspaceSettlement bound) => Node.Do(() => Append(id.Value, WorkspaceDecider.Create(
        workspaces.GetValueOrDefault(id.Value), new(id, "owner", "w", "en", bound.Account, bound.Cuts[0].Payer == "billing-center" ? SettlementMethod.BillingCenter : bound.Method, null, bound.BoundAt))));

    /// <summary>DissolveWorkspace.</summary>
    public void Dissolve(string id) => Node.Do(() =>
    {
        var events = WorkspaceDecider.Dissolve(workspaces[id], "w", "owner", Now);
        Append(id, events);
        Told.AddRange(events.OfType<WorkspaceDissolved>().Select(e => new DissolvedAtSite(id, e.At)));
    });

    /// <summary>ExpireWorkspacesJob.</summary>
    public void Expire() => Node.Do(() =>
    {
        foreach (var (id, workspace) in workspaces.OrderBy(one => one.Key, StringComparer.Ordinal).ToArray())
        {
            var events = WorkspaceDecider.Expire(workspace, Now);
            Append(id, events);
            Told.AddRange(events.OfType<WorkspaceExpired>().Select(e => new ExpiredAtSite(id, e.At)));
        }
    });

    /// <summary>IngestUsage: de-duplicated for ever by id. Answers whether the agent hears that it was taken or set aside.</summary>
    public bool Ingest(UsageEvent e) => Node.Do(() =>
    {
        if (accepted.ContainsKey(e.Id) || quarantined.Contains(e.Id))
        {
            return;
        }

        var workspace = workspaces.GetValueOrDefault(e.Workspace);
        if (UsageRules.Refusal(workspace is null ? UsageWindow.None : new(workspace.CreatedAt, workspace.BufferEndsAt, workspace.DissolvedAt), e.Time, Now) is not null)
        {
            quarantined.Add(e.Id);
            return;
        }

        accepted.Add(e.Id, e);
        if (scenario.Broken is BrokenRule.DroppedEvent && accepted.Count % 500 == 0)
        {
            return;
        }

        var hour = (e.Workspace, HourOf(e.Time));
        (hours.TryGetValue(hour, out var events) ? events : hours[hour] = []).Add(e);
        toTell.Add(hour);
    });

    /// <summary>TellUsageJob: totals that have changed, each hour by the parts into which its cuts divide it; a part that has lost its usage is told as none.</summary>
    public void TellUsage() => Node.Do(() =>
    {
        var totals = new List<UsageTotal>();
        foreach (var (workspace, hour) in toTell.Order())
        {
            var starts = cuts.GetValueOrDefault(workspace, []).Where(at => at > hour && at < hour.AddHours(1)).Prepend(hour).ToArray();
            foreach (var kind in hours[(workspace, hour)].GroupBy(e => (e.Item, e.RetentionDays, e.IsGauge)).OrderBy(kind => kind.Key))
            {
                foreach (var start in starts)
                {
                    var part = kind.Where(e => starts.Last(at => at <= e.Time) == start).Select(e => e.Quantity).ToArray();
                    var cell = new Cell(workspace, kind.Key.Item, kind.Key.RetentionDays, hour, start);
                    if (part.Length > 0 || toldCells.Contains(cell))
                    {
                        toldCells.Add(cell);
                        totals.Add(new(WorkspaceId.Of(workspace), kind.Key.Item, kind.Key.RetentionDays, hour, start, part.Length == 0 ? 0 : kind.Key.IsGauge ? part.Max() : part.Sum()));
                    }
                }
            }
        }

        toTell.Clear();
        if (totals.Count > 0)
        {
            Told.Add(new UsageTotalsToldIntegrationEvent(Ids.DeterministicGuid("simulated", code, $"{++tellings}"), tellings, Now, SiteCode.Of(code), totals));
        }
    });

    /// <summary>The inbox: pages of what the Billing Center tells this site, in its order; sometimes a little of it again.</summary>
    public void ReadInbox()
    {
        if (IsCutOff)
        {
            return;
        }

        var from = !Node.IsCalm && dice.Chance(scenario.Weather.Duplicate) ? Math.Max(0, cursor - dice.Below(PageSize)) : cursor;
        while (from < center.Log.All.Count && !center.Node.IsDown)
        {
            var (start, end) = (from, Math.Min(from + PageSize, center.Log.All.Count));
            if (!Node.Do(() =>
            {
                Hear([.. Enumerable.Range(start, end - start).Select(at => center.Log.All[at].Told).OfType<ITellsSite>().Where(told => told.Site.Value == code)]);
                cursor = Math.Max(cursor, end);
            }))
            {
                return;
            }

            from = end;
        }
    }

    // NoteSettlementFacts, then AcknowledgeClosings: as their policies are called for a page.
    private void Hear(IReadOnlyList<ITellsSite> told)
    {
        foreach (var facts in told.OfType<IWorkspaceSettlementFact>().GroupBy(fact => fact.WorkspaceId.Value, NoteSettlementFactsHandler.Note, StringComparer.Ordinal))
        {
            var news = WorkspaceDecider.Note(workspaces.GetValueOrDefault(facts.Key), facts);
            Append(facts.Key, news);
            foreach (var at in news.Select(note => new DateTimeOffset(NoteSettlementFactsHandler.CutOf((ISettlementNote)note), TimeSpan.Zero)))
            {
                if ((cuts.TryGetValue(facts.Key, out var known) ? known : cuts[facts.Key] = []).Add(at) && hours.ContainsKey((facts.Key, HourOf(at))))
                {
                    toTell.Add((facts.Key, HourOf(at)));
                }
            }
        }

        foreach (var announced in told.OfType<ClosingAnnouncedIntegrationEvent>().Where(announced => closings.Add(announced.ClosingId)))
        {
            Told.Add(new ClosingAcknowledged(announced.ClosingId, Now));
        }
    }

    private void Append(string id, IReadOnlyList<object> events)
    {
        foreach (var data in events)
        {
            var before = workspaces.GetValueOrDefault(id) ?? new Workspace { Id = id };
            if (data is ISettlementNote note && note.SourceVersion <= before.SettlementVersion)
            {
                throw new ViolationException("old news changes nothing", $"{code} noted version {note.SourceVersion} of {id} after {before.SettlementVersion}.");
            }

            workspaces[id] = data switch
            {
                WorkspaceCreated e => before.Apply(e),
                BoundNoted e => before.Apply(e),
                MethodNoted e => before.Apply(e),
                LockedNoted e => before.Apply(e),
                LockLiftedNoted e => before.Apply(e),
                UnlockedNoted e => before.Apply(e),
                WorkspaceExpired e => before.Apply(e),
                WorkspaceDissolved e => before.Apply(e),
                _ => throw new InvalidOperationException($"{data.GetType().Name} is not of a workspace at a site."),
            };
        }
    }

    private static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
}
