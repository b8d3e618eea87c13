using Guance.Billing.TestKit;
using Guance.Billing.Workspaces.Contracts;

namespace Guance.Billing.Workspaces.Tests.Policies;

public sealed class ClosingTests(Site site)
{
    [Fact]
    public async Task An_announced_closing_is_acknowledged_once_and_each_owner_gets_one_mail()
    {
        var (annsZh, annsEn, bobs, othersLock, gones) = (site.NewId(), site.NewId(), site.NewId(), site.NewId(), site.NewId());
        await site.CreateAsync(annsZh, "closing-ann", "Ann 一", "zh");
        await site.CreateAsync(annsEn, "closing-ann", "Ann two");
        await site.CreateAsync(bobs, "closing-bob", "Bob's");
        await site.CreateAsync(othersLock, "closing-cid", "Cid's");
        await site.CreateAsync(gones, "gone-dan");
        var since = site.Now.AddDays(-1);
        await site.TellAsync([
            .. new[] { annsZh, annsEn, bobs, gones }.SelectMany(id => new IIntegrationEvent[]
            {
                site.Bound(id), site.Unlinked(id, 2), Site.Locked(id, 3, since, LockReason.SubscriptionClosed, "closing_mails"),
            }),
            // Another subscription, closed in the same second.
            site.Bound(othersLock), Site.Locked(othersLock, 2, since, LockReason.SubscriptionClosed, "closing_mails-other"),
            site.Announced("closing_mails", 4)]);
        await site.TellAsync(site.Announced("closing_mails", 4), site.Announced("closing_mails", 4));

        var told = (await site.PublishedAsync("closing_mails")).ShouldHaveSingleItem().ShouldBeOfType<ClosingAppliedIntegrationEvent>();
        (told.ClosingId, told.Site, told.WorkspaceCount, told.SourceVersion).ShouldBe(("closing_mails", Site.Code, 4, 1));

        var ann = (await MailsTo("closing-ann")).ShouldHaveSingleItem();
        ann.Subject.ShouldBe("您的 2 个工作空间已被锁定 / Locked: 2 of your workspaces");
        ann.Text.ShouldContain("instance-of-closing_mails");
        ann.Text.ShouldContain(annsZh.Value);
        ann.Text.ShouldContain(annsEn.Value);
        ann.Text.ShouldNotContain(bobs.Value);
        var chinaTime = since.ToOffset(TimeSpan.FromHours(8));
        ann.Text.ShouldContain($"locked since {chinaTime:yyyy-MM-dd HH:mm} UTC+08:00, data is kept until {chinaTime.AddDays(14):yyyy-MM-dd HH:mm} UTC+08:00");
        ann.Text.ShouldContain("To unlock: sign in at http://127.0.0.1:1");
        (await MailsTo("closing-bob")).ShouldHaveSingleItem().Subject.ShouldBe("Locked: 1 of your workspaces");
        (await MailsTo("closing-cid")).ShouldBeEmpty();
        (await MailsTo("gone-dan")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_closing_without_workspaces_that_are_still_locked_is_acknowledged_and_mails_nobody()
    {
        var (unlocked, early) = (site.NewId(), site.NewId());
        await site.CreateAsync(unlocked, "none-ann");
        await site.TellAsync(
            site.Bound(unlocked), site.Bound(early), Site.Locked(unlocked, 2, site.Now, LockReason.SubscriptionClosed, "closing_none"),
            Site.Locked(early, 2, site.Now, LockReason.SubscriptionClosed, "closing_none"), site.Unlocked(unlocked, 3), site.Announced("closing_none", 2));

        (await site.PublishedAsync("closing_none")).ShouldHaveSingleItem();
        (await MailsTo("none-ann")).ShouldBeEmpty();
    }

    private Task<IReadOnlyList<SentMail>> MailsTo(string user) => site.Deployment.MailsToAsync($"{user}@example.com");
}
