using JasperFx;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Guance.Billing.Platform.Events;

/// <summary>
/// Starts inboxes and projections again that have stopped while this node holds their lock. Marten stops one for good when its position is not where it left it, for then another node may be
/// at work; the same is seen when a database server dies between a commit and its answer. Nobody else can take over what this node holds, so it would stand until somebody looked.
/// </summary>
internal sealed class DaemonWatch(IProjectionCoordinator coordinator, TimeProvider clock, ILogger<DaemonWatch> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var look = new PeriodicTimer(LookEvery, clock);
        while (await look.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await StartStoppedAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(failure, "Inboxes and projections that have stopped could not be started again; the next look tries it.");
            }
        }
    }

    private async Task StartStoppedAsync(CancellationToken ct)
    {
        var daemon = coordinator.DaemonForMainDatabase();
        var stopped = daemon.CurrentAgents().Where(agent => agent.Status is AgentStatus.Stopped).Select(agent => agent.Name).ToArray();
        if (stopped.Length == 0 || ((ProjectionCoordinatorBase)coordinator).Distributor is not { } distributor)
        {
            return;
        }

        foreach (var set in (await distributor.BuildDistributionAsync()).Where(distributor.HasLock))
        {
            foreach (var name in set.Names.Where(stopped.Contains))
            {
                log.LogWarning("{Inbox} has stopped and is started again at the position that the database knows.", name.Identity);
                await daemon.StartAgentAsync(name.Identity, ct);
            }
        }
    }
}
