using Guance.Billing.Platform.Jobs;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.Features;
using Guance.Billing.Workspaces.Jobs;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Workspaces.Tests.Jobs;

public sealed class ExpireWorkspacesTests(Site site)
{
    [Fact]
    public async Task A_lock_whose_buffer_has_ended_is_recorded_once_and_told_to_the_Billing_Center()
    {
        var (due, notYet) = (site.NewId(), site.NewId());
        await site.CreateAsync(due, "due-ann");
        await site.CreateAsync(notYet, "due-ann");
        var since = site.Now.AddDays(-14);
        await site.TellAsync(site.Bound(due), Site.Locked(due, 2, since), Site.Locked(notYet, 2, since.AddMinutes(10)));

        await RunAsync();
        await RunAsync();

        var told = (await site.PublishedAsync(due.Value)).ShouldHaveSingleItem().ShouldBeOfType<WorkspaceExpiredIntegrationEvent>();
        (told.WorkspaceId, told.Site, told.OccurredAt, told.SourceVersion).ShouldBe((due, Site.Code, since.AddDays(14), 4));
        (await site.PublishedAsync(notYet.Value)).ShouldBeEmpty();
    }

    [Fact]
    public async Task After_an_unlock_a_new_lock_expires_again()
    {
        var id = site.NewId();
        await site.CreateAsync(id, "twice-ann");
        var (first, second) = (site.Now.AddDays(-40), site.Now.AddDays(-15));
        await site.TellAsync(site.Bound(id), Site.Locked(id, 2, first));
        await RunAsync();
        await site.TellAsync(site.Unlocked(id, 3), Site.Locked(id, 4, second));
        await RunAsync();

        (await site.PublishedAsync(id.Value)).Select(e => e.OccurredAt).ShouldBe([first.AddDays(14), second.AddDays(14)]);
    }

    [Fact]
    public async Task More_than_a_batch_is_finished_by_the_next_run_when_one_is_cut_off()
    {
        var ids = Enumerable.Range(0, ExpireWorkspaces.BatchSize + 20).Select(_ => site.NewId()).ToArray();
        await site.TellAsync([.. ids.Select(id => Site.Locked(id, 1, site.Now.AddDays(-15)))]);

        await using (var scope = site.Deployment.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ExpireWorkspaces(), TestContext.Current.CancellationToken);
        }

        await RunAsync();

        foreach (var id in ids)
        {
            (await site.StreamAsync(id.Value)).Count(e => e.Data is WorkspaceExpired).ShouldBe(1);
        }
    }

    [Fact]
    public void The_job_is_on_the_timetable() =>
        site.Deployment.Services.GetServices<Tick>().ShouldContain(tick => tick.Id == "workspaces:expire");

    private async Task RunAsync()
    {
        await using var scope = site.Deployment.Services.CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<ExpireWorkspacesJob>(scope.ServiceProvider).RunAsync(CancellationToken.None);
    }
}
