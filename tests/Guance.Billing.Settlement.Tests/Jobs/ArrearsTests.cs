using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tests.Features;
using Guance.Billing.TestKit;

namespace Guance.Billing.Settlement.Tests.Jobs;

/// <summary>Rules §8: bill mail, reminder on day 11, lock after 14 days, and what a recharge does.</summary>
[Collection(nameof(MoneyCenter))]
public sealed class ArrearsTests(MoneyCenter money)
{
    private static readonly DateOnly Day = new(2026, 11, 23);
    private readonly BillingCenter center = money.Center;

    [Fact]
    public async Task Arrears_are_mailed_at_once_reminded_on_day_11_locked_after_14_days_and_a_recharge_clears_and_unlocks_in_one_step()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync();
        WorkspaceId[] own = [customer.Workspace, await center.AttachAsync(customer, BillingCenter.Cn4), await center.AttachAsync(customer, BillingCenter.Za1)];
        var byCloud = await center.AttachAsync(customer, BillingCenter.Cn4, cloud);
        await center.PayAsync(customer.Bill(Day, 13.40m));
        var since = (DateTimeOffset)(await customer.Browser.ReadAsync("/api/billing-account"))["arrearsSince"]!;
        since.ShouldBe(center.Now, TimeSpan.FromMinutes(1));

        // Nobody ran the tick: paying has asked for it.
        await Eventually.Until(async () => (await SubjectsAsync(customer)).Any(subject => subject.Contains("please recharge", StringComparison.Ordinal)));
        await center.Deployment.AdvanceAsync(TimeSpan.FromDays(10.9));
        (await SubjectsAsync(customer)).Count.ShouldBe(1);
        await center.Deployment.AdvanceAsync(TimeSpan.FromDays(0.1));
        (await SubjectsAsync(customer)).Count(subject => subject.Contains("Reminder", StringComparison.Ordinal)).ShouldBe(1);
        (await customer.Browser.SendAsync(HttpMethod.Post, $"/api/workspaces/{own[0]}/unlock")).Status.ShouldBe(200, "not locked yet: nothing to do");

        await center.Deployment.AdvanceAsync(TimeSpan.FromDays(3));
        foreach (var id in own)
        {
            (await center.LoadAsync(id)).Reasons.ShouldBe([LockReason.Arrears]);
        }

        (await center.LoadAsync(byCloud)).Reasons.ShouldBeEmpty("its cloud account pays for it");
        (await FactsAsync(customer)).ShouldBe([typeof(ArrearsBegan), typeof(ArrearsReminded), typeof(ArrearsLocked)]);
        (await SubjectsAsync(customer)).Count.ShouldBe(3);
        (await customer.Browser.SendAsync(HttpMethod.Post, $"/api/workspaces/{own[0]}/unlock")).ShouldRefuse(409, "account-in-arrears");
        var link = await center.Deployment.SendAsync(new CreateUnlockLink(BillingCenter.Cn4, own[0], "user:owner", center.Now));
        (await customer.Browser.SendAsync(HttpMethod.Post, new Uri(link.Url).AbsolutePath)).ShouldRefuse(409, "account-in-arrears");
        (await Should.ThrowAsync<BillingRefusal>(center.AttachAsync(customer, BillingCenter.Cn4))).Code.ShouldBe("account-in-arrears");

        (await center.CreditCashAsync(customer.Account, "13.00")).Status.ShouldBe(200);
        (await center.LoadAsync(own[0])).Reasons.ShouldBe([LockReason.Arrears], "still in arrears");
        (await center.CreditCashAsync(customer.Account, "0.40")).Status.ShouldBe(200);
        foreach (var id in own)
        {
            (await center.LoadAsync(id)).Reasons.ShouldBeEmpty();
        }

        (await FactsAsync(customer))[^1].ShouldBe(typeof(ArrearsCleared));
        var account = await customer.Browser.ReadAsync("/api/billing-account");
        (account["arrearsSince"], account["lockAt"]).ShouldBe((null, null));
        await center.Deployment.AdvanceAsync(TimeSpan.FromDays(30));
        (await FactsAsync(customer)).Count.ShouldBe(4, "nothing more happens");
    }

    [Fact]
    public async Task A_prepaid_card_clears_arrears_too()
    {
        var customer = await center.CustomerAsync();
        await center.PayAsync(customer.Bill(Day, 30m));
        await center.Deployment.AdvanceAsync(TimeSpan.FromDays(14));
        (await center.LoadAsync(customer.Workspace)).Reasons.ShouldBe([LockReason.Arrears]);
        (await customer.Browser.ReadAsync("/api/billing-account"))["lockAt"].ShouldNotBeNull();
        var order = center.Market.SellCards(100);
        (await customer.Browser.SendAsync(HttpMethod.Post, "/api/prepaid-cards", new { cloudAccountId = order.AccountId, orderNumber = order.OrderNumber })).Status.ShouldBe(200);
        (await center.LoadAsync(customer.Workspace)).Reasons.ShouldBeEmpty();
        (await customer.BalancesAsync()).ShouldBe(("0.00", "70.00", "0.00", "0.00"));
        (await customer.JournalAsync()).Skip(1).ShouldBe([("card-redeemed", "outside -100.00, card 100.00", "-30.00"), ("arrears-repaid", "card -30.00, cash 30.00", "0.00")]);
    }

    [Fact]
    public async Task A_correction_that_pays_the_arrears_unlocks_and_an_operators_unlock_is_not_undone()
    {
        var customer = await center.CustomerAsync();
        await center.PayAsync(customer.Bill(Day, 30m));
        await center.Deployment.AdvanceAsync(TimeSpan.FromDays(14));
        using (var staff = await center.OperatorAsync())
        {
            (await staff.SendAsync(HttpMethod.Post, $"/api/operator/workspaces/{customer.Workspace}/unlock", new { reason = "promised" })).Status.ShouldBe(200);
        }

        await center.Deployment.AdvanceAsync(TimeSpan.FromDays(1));
        (await center.LoadAsync(customer.Workspace)).Reasons.ShouldBeEmpty("the lock comes once");
        await center.PayAsync(customer.Bill(Day.AddDays(1), -30m));
        await Eventually.Until(async () => (await FactsAsync(customer))[^1] == typeof(ArrearsCleared));
        await center.PayAsync(customer.Bill(Day.AddDays(2), 1m));
        await Eventually.Until(async () => (await FactsAsync(customer))[^1] == typeof(ArrearsBegan));
        await center.CreditCashAsync(customer.Account, "1.00");
    }

    private async Task<IReadOnlyList<string>> SubjectsAsync(Customer customer) =>
        [.. (await center.Deployment.MailsToAsync(customer.Email)).Select(mail => mail.Subject).Where(subject => subject.Contains('欠'))];

    private async Task<IReadOnlyList<Type>> FactsAsync(Customer customer) =>
        [.. (await center.EventsAsync(customer.Account.Value)).Select(e => e.GetType()).Where(type => type.Name.StartsWith("Arrears", StringComparison.Ordinal))];
}
