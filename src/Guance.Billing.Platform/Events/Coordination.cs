using JasperFx;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;

namespace Guance.Billing.Platform.Events;

/// <summary>What is asked of the inboxes and projections that run here.</summary>
internal static class Coordination
{
    /// <summary>Those of this node that a failure holds back.</summary>
    public static IReadOnlyList<ShardName> HeldBack(this IProjectionCoordinator coordinator) =>
        [.. coordinator.DaemonForMainDatabase().CurrentAgents().Where(agent => agent.Status is AgentStatus.Paused or AgentStatus.Stopped).Select(agent => agent.Name)];
}
