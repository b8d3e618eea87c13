namespace Guance.Billing.Story.Tests;

public sealed class AKilledProcessTests(AWorld world) : IClassFixture<AWorld>
{
    private const int WorkspaceCount = 200;

    /// <summary>Batches of far fewer than the closing concerns, so that the kill falls between two of its transactions.</summary>
    private static readonly (string, string) SmallBatches = ("Settlement:BatchSize", "10");
    private const string Unlinked = "select count(*) from events.mt_events where type = 'settlement.workspace_locked'";

    [Fact]
    public async Task A_billing_center_killed_in_the_middle_of_a_closing_with_200_workspaces_finishes_it_when_it_is_started_again()
    {
        using var me = new Customer(world.Places, world.New("killed"));
        var (accountId, instanceId) = await me.BuyAsync();
        await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        await me.RegisterManyAsync(accountId, WorkspaceCount - 1);
        await me.SignInToBillingCenterAsync();

        // From here on the Billing Center is a process of its own, which can be killed without asking.
        await world.World.StopDeploymentAsync("billing-center", TestContext.Current.CancellationToken);
        using var first = await world.StartBillingCenterProcessAsync(SmallBatches);
        try
        {
            var closing = me.CloseResourceAsync(instanceId);
            await world.UntilInDatabaseAsync(Unlinked, count => count > 0);
            await first.KillAsync();
            await closing;
            (await world.UntilInDatabaseAsync(Unlinked, _ => true)).ShouldBeInRange(1, WorkspaceCount - 1, "the kill falls in the middle of the closing");
        }
        finally
        {
            await first.KillAsync();
        }

        using var second = await world.StartBillingCenterProcessAsync(SmallBatches);
        try
        {
            var done = await me.ClosingAcknowledgedAsync(instanceId, 2);

            done["sites"]!.AsArray().Sum(site => site!["workspaces"]!.GetValue<int>()).ShouldBe(WorkspaceCount);
            var workspaces = await me.AllWorkspacesAsync();
            workspaces.Count.ShouldBe(WorkspaceCount);
            workspaces.ShouldAllBe(workspace => workspace.LockState() == "locked" && workspace.Method() == "billing-center");
            // Once each: what was done before the kill was not done again.
            foreach (var workspace in workspaces.Take(20))
            {
                var history = Items(await me.BillingCenter.GetAsync($"/api/workspaces/{Text(workspace, "id")}/history"));
                history.Count(fact => Text(fact, "what").Contains("lock", StringComparison.Ordinal)).ShouldBe(1);
            }
        }
        finally
        {
            await second.KillAsync();
            await world.World.StartDeploymentAsync("billing-center", TestContext.Current.CancellationToken);
        }
    }
}
