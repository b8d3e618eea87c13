using System.Diagnostics;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Features;
using Guance.Billing.TestKit;
using Guance.Billing.Workspaces.Contracts;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Settlement.Tests.Policies;

/// <summary>Rules §5.</summary>
[Collection(nameof(BillingCenter))]
public sealed class ClosingTests(BillingCenter center, ITestOutputHelper output)
{
    [Fact]
    public async Task Closing_at_the_market_locks_every_workspace_on_every_site_and_each_site_acknowledges()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        var other = await center.AttachAsync(customer, BillingCenter.Za1, cloud);
        var path = $"/api/cloud-subscriptions/huawei-cloud/{cloud.InstanceId}/closing";

        var preview = await customer.Browser.ReadAsync($"{path}?preview=true");
        ((int)preview["workspaces"]!, (bool)preview["locks"]!, preview["sites"]!.AsArray().Count).ShouldBe((2, true, 2));
        (await customer.Browser.SendAsync(HttpMethod.Get, path)).ShouldRefuse(404, "closing-unknown");

        var closedAt = await center.CloseAsync(cloud);
        foreach (var id in new[] { customer.Workspace, other })
        {
            var workspace = await center.LoadAsync(id);
            (workspace.Method, workspace.Cloud).ShouldBe((SettlementMethod.BillingCenter, null));
            workspace.Reasons.ShouldBe([LockReason.SubscriptionClosed]);
            workspace.LockedSince!.Value.ShouldBe(closedAt, TimeSpan.FromMilliseconds(1));
            workspace.Version.ShouldBe((await center.EventsAsync(id.Value)).Count);
            (await center.EventsAsync(id.Value)).OfType<WorkspaceLocked>().Single().ClosingId.ShouldBe(Closing.Key(new(cloud.Provider, cloud.InstanceId)));
        }

        var mail = (await center.Deployment.MailsToAsync(customer.Email)).Where(m => m.Subject.Contains("locked", StringComparison.Ordinal)).ShouldHaveSingleItem();
        mail.Subject.ShouldContain("2 workspaces");

        var closing = await customer.Browser.ReadAsync(path);
        ((string)closing["state"]!).ShouldBe("announced");
        closing["sites"]!.AsArray().All(site => site!["sentAt"] is not null && site["acknowledgedAt"] is null && (int)site["workspaces"]! == 1).ShouldBeTrue();
        await AcknowledgeAsync(cloud, BillingCenter.Za1);
        await AcknowledgeAsync(cloud, BillingCenter.Cn4);
        await AcknowledgeAsync(cloud, BillingCenter.Cn4);
        closing = await customer.Browser.ReadAsync(path);
        ((string)closing["state"]!).ShouldBe("completed");
        closing["sites"]!.AsArray().All(site => site!["acknowledgedAt"] is not null).ShouldBeTrue();
    }

    [Fact]
    public async Task A_closing_told_again_changes_nothing_and_mails_nothing()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        var closedAt = await center.CloseAsync(cloud);
        var events = (await center.EventsAsync(customer.Workspace.Value)).Count;
        await center.Deployment.DeliverAsync(center.Module, BillingCenter.Closed(cloud, closedAt), BillingCenter.Closed(cloud, closedAt));
        await center.RunClosingsAsync();
        (await center.EventsAsync(customer.Workspace.Value)).Count.ShouldBe(events);
        (await center.EventsAsync(Key(cloud))).Count.ShouldBe(2);
        (await center.Deployment.MailsToAsync(customer.Email)).Count(m => m.Subject.Contains("locked", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_closing_that_a_crash_left_half_done_is_driven_to_its_end()
    {
        var cloud = center.Market.Buy();
        var instance = new CloudInstanceKey(cloud.Provider, cloud.InstanceId);
        var customer = await center.CustomerAsync(cloud);
        var other = await center.AttachAsync(customer, BillingCenter.Cn4, cloud);
        center.Market.Set(cloud with { State = CloudSubscriptionState.Closed, ClosedAt = center.Now });

        // What a process leaves behind that is killed after its first batch: begun, one of two workspaces done, nobody told.
        await using (var session = center.Deployment.Services.GetRequiredService<IDocumentStore>().LightweightSession())
        {
            var done = await center.LoadAsync(customer.Workspace);
            session.AppendTo(done, WorkspaceSettlementDecider.LoseSubscription(done, instance, CancellationEffect.UnlinkAndLock, center.Now));
            session.Events.StartStream<Closing>(Key(cloud), new ClosingStarted(
                instance, cloud.AccountId, center.Now, CancellationEffect.UnlinkAndLock, [new(BillingCenter.Cn4, 2)], [customer.Account], center.Now));
            await session.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await center.RunClosingsAsync();
        foreach (var id in new[] { customer.Workspace, other })
        {
            (await center.LoadAsync(id)).Reasons.ShouldBe([LockReason.SubscriptionClosed]);
            (await center.EventsAsync(id.Value)).OfType<WorkspaceLocked>().ShouldHaveSingleItem();
        }

        (await center.EventsAsync(Key(cloud))).OfType<ClosingAnnouncedToSite>().ShouldHaveSingleItem().Workspaces.ShouldBe(2);
        (await center.Deployment.SendAsync(new ContinueClosing(Key(cloud)))).ShouldBeFalse("nothing is left to do");
    }

    [Fact]
    public async Task A_cancellation_at_Alibaba_switches_to_the_Billing_Center_without_a_lock()
    {
        var cloud = center.Market.Buy(provider: CloudProvider.Of("alibaba-cloud"));
        var customer = await center.CustomerAsync(cloud);
        await center.CloseAsync(cloud);
        var workspace = await center.LoadAsync(customer.Workspace);
        (workspace.Method, workspace.LockAt(center.Now)).ShouldBe((SettlementMethod.BillingCenter, LockState.Normal));
    }

    [Fact]
    public async Task A_freeze_locks_and_an_unfreeze_lifts_however_often_and_late_they_are_told()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        var frozen = new CloudSubscriptionFrozenIntegrationEvent(Guid.CreateVersion7(), 3, center.Now, cloud.Id, new(cloud.Provider, cloud.InstanceId));
        var unfrozen = new CloudSubscriptionUnfrozenIntegrationEvent(Guid.CreateVersion7(), 4, center.Now, cloud.Id, frozen.Instance);

        center.Market.Set(cloud with { State = CloudSubscriptionState.Frozen });
        await center.Deployment.DeliverAsync(center.Module, unfrozen);
        (await center.LoadAsync(customer.Workspace)).Reasons.ShouldBeEmpty();
        await center.Deployment.DeliverAsync(center.Module, frozen, frozen);
        var workspace = await center.LoadAsync(customer.Workspace);
        (workspace.Reasons.Single(), workspace.Cloud!.InstanceId).ShouldBe((LockReason.SubscriptionFrozen, cloud.InstanceId));

        center.Market.Set(cloud);
        await center.Deployment.DeliverAsync(center.Module, unfrozen, unfrozen);
        await center.Deployment.DeliverAsync(center.Module, frozen);
        (await center.LoadAsync(customer.Workspace)).LockAt(center.Now).ShouldBe(LockState.Normal);
        (await center.EventsAsync(customer.Workspace.Value)).Select(e => e.GetType()).ShouldBe([typeof(WorkspaceBound), typeof(WorkspaceLocked), typeof(WorkspaceLockLifted)]);
    }

    [Fact]
    public async Task A_site_telling_of_another_sites_workspace_is_not_believed_and_an_expiry_is_noted_once()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        await center.CloseAsync(cloud);
        var at = center.Now.AddDays(14);
        var expired = new WorkspaceExpiredIntegrationEvent(Guid.CreateVersion7(), 7, at, BillingCenter.Cn4, customer.Workspace);
        await center.Deployment.DeliverAsync(center.Module, expired with { Site = BillingCenter.Za1 });
        (await center.LoadAsync(customer.Workspace)).ExpiredAt.ShouldBeNull();
        await center.Deployment.DeliverAsync(center.Module, expired, expired);
        await center.Deployment.DeliverAsync(center.Module, expired);
        (await center.EventsAsync(customer.Workspace.Value)).OfType<WorkspaceExpired>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_workspace_bound_while_its_subscription_is_closed_is_locked_all_the_same()
    {
        var cloud = center.Market.Buy();
        var activation = center.Activation(cloud);
        var asked = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        center.Market.BeforeAnswer = () =>
        {
            center.Market.BeforeAnswer = () => Task.CompletedTask;
            asked.SetResult();
            return goOn.Task;
        };
        // The binder has read that the subscription is open and has not committed yet; now it is closed.
        var binding = center.Deployment.SendAsync(activation);
        await asked.Task;
        var closing = center.CloseAsync(cloud);
        await Eventually.Until(async () => closing.IsCompleted || await SomebodyWaitsForALockAsync());
        goOn.SetResult();
        await binding;
        await closing;
        await center.RunClosingsAsync();

        var workspace = await center.LoadAsync(activation.WorkspaceId);
        workspace.Cloud.ShouldBeNull();
        workspace.Reasons.ShouldBe([LockReason.SubscriptionClosed]);
    }

    [Fact]
    public async Task Two_thousand_workspaces_lose_their_subscription_in_batches()
    {
        const int Count = 2000;
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        var link = new CloudLink(cloud.Provider, cloud.AccountId!, cloud.InstanceId);
        var store = center.Deployment.Services.GetRequiredService<IDocumentStore>();
        var ids = Enumerable.Range(1, Count - 1).Select(n => Ids.Deterministic<WorkspaceId>(cloud.InstanceId, $"{n}")).ToArray();
        foreach (var chunk in ids.Chunk(500))
        {
            await using var session = store.LightweightSession();
            foreach (var id in chunk)
            {
                session.Events.StartStream<WorkspaceSettlement>(id.Value, new WorkspaceBound(
                    id, BillingCenter.Za1, customer.Account, "Bulk", "en", SettlementMethod.Cloud(cloud.Provider), link, Ids.New<RegistrationId>(center.Deployment.Clock), center.Now));
            }

            await session.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var start = Stopwatch.GetTimestamp();
        await center.CloseAsync(cloud);
        output.WriteLine($"{Count} workspaces closed in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");

        await using var query = store.QuerySession();
        var after = await query.LoadManyAsync<WorkspaceSettlement>([.. ids.Select(id => id.Value)]);
        after.Count.ShouldBe(Count - 1);
        after.ShouldAllBe(workspace => workspace.Cloud == null && workspace.Version == 3 && workspace.Reasons.Count == 1);
        (await center.EventsAsync(Key(cloud))).OfType<ClosingAnnouncedToSite>().Sum(e => e.Workspaces).ShouldBe(Count);

        start = Stopwatch.GetTimestamp();
        (await customer.Browser.ReadAsync("/api/workspaces?limit=100&state=locked&q=bulk"))["items"]!.AsArray().Count.ShouldBe(100);
        output.WriteLine($"a page of 100 of {Count} in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task A_batch_that_meets_another_change_runs_again_on_what_is_there_now()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        var stale = await center.LoadAsync(customer.Workspace);
        var store = center.Deployment.Services.GetRequiredService<IDocumentStore>();
        using var staff = await center.OperatorAsync();
        (await staff.SendAsync(HttpMethod.Post, $"/api/operator/workspaces/{customer.Workspace}/lock", new { reason = "first" })).Status.ShouldBe(200);
        await using var session = store.LightweightSession();
        session.AppendTo(stale, WorkspaceSettlementDecider.Lock(stale, LockReason.Arrears, center.Now, "system", null));
        await Should.ThrowAsync<JasperFx.ConcurrencyException>(session.SaveChangesAsync(TestContext.Current.CancellationToken));
        (await center.LoadAsync(customer.Workspace)).Reasons.ShouldBe([LockReason.Operator]);
    }

    private static string Key(CloudSubscriptionFacts cloud) => Closing.Key(new(cloud.Provider, cloud.InstanceId));

    private Task AcknowledgeAsync(CloudSubscriptionFacts cloud, SiteCode site) =>
        center.Deployment.DeliverAsync(center.Module, new ClosingAppliedIntegrationEvent(Guid.CreateVersion7(), 1, center.Now, site, Key(cloud), 1));

    private async Task<bool> SomebodyWaitsForALockAsync()
    {
        var dataSource = center.Deployment.Services.GetRequiredService<NpgsqlDataSource>();
        await using var waiting = dataSource.CreateCommand("select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))");
        return (bool)(await waiting.ExecuteScalarAsync())!;
    }
}
