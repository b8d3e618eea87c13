using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Guance.Billing.Web.Tests;

/// <summary>What finance people do in the Billing Center's pages, from the first overview to the explanation of a cent.</summary>
[Collection<OperatorsWorld>]
public sealed class BillingCenterPagesTests(AWorld world, ABrowser browser) : InWindows(browser)
{
    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task A_finance_person_changes_who_pays_follows_a_cancellation_unlocks_and_understands_the_bill(string language)
    {
        var says = new Says(language);
        // The overview shows what was spent in the month that it is.
        await world.LeaveTheMonthsLastDayAsync();
        using var me = new Customer(world.Places, world.New("finance"));
        using var staff = await world.StaffAsync(world.Places.BillingCenterUrl);
        var (accountId, instanceId) = await me.BuyAsync();
        var inChina = await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        var inAfrica = await me.RegisterAndAttachAsync(world.Places.Za1Url);
        await me.SignInToBillingCenterAsync();
        var account = Text(await me.BillingCenter.GetAsync("/api/billing-account"), "id");
        var now = await world.NowAsync();
        await staff.PostAsync($"/api/operator/billing-accounts/{account}/vouchers", new { kind = "ordinary", faceValue = AWorld.Cny("5"), expiresAt = now.AddDays(20) });
        using (var agent = await world.StaffAsync(world.Places.Cn4Url))
        {
            await agent.PostAsync("/api/usage", new[]
            {
                AWorld.Event(inChina, world.New("logs"), "logs", 2_000_000, 7, now), AWorld.Event(inChina, world.New("series"), "time-series", 6_000, 3, now),
            });
        }

        await world.ToldAsync(inChina, 2_006_000);
        var day = await world.CloseTheDayAsync(staff);
        var page = await SignedInAsync(world.Places.BillingCenterUrl, language, me.Username);

        // The overview says what is there, what is due and what was spent.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = says.Overview, Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("6.00 CNY").First).ToBeVisibleAsync();
        await LookAtAsync(page, $"overview-{language}");

        // Change: who shall pay, what it means, done.
        await OpenAsync(page, "/workspaces");
        var rows = page.Locator("tbody tr");
        await rows.Filter(new() { HasText = inAfrica }).GetByRole(AriaRole.Button, new() { Name = says.Change }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByText(says.Huawei)).ToBeVisibleAsync();
        await Expect(dialog.GetByText(accountId)).ToBeVisibleAsync();
        await LookAtAsync(page, $"change-{language}");
        await dialog.GetByRole(AriaRole.Button, new() { Name = says.Preview }).ClickAsync();
        await Expect(dialog.GetByText(instanceId)).ToBeVisibleAsync();
        await Expect(dialog.GetByText(says.OneChange)).ToBeVisibleAsync();
        await LookAtAsync(page, $"change-preview-{language}");
        await dialog.GetByRole(AriaRole.Button, new() { Name = says.Confirm }).ClickAsync();
        await Expect(rows.Filter(new() { HasText = inAfrica })).ToContainTextAsync(instanceId);
        await rows.Filter(new() { HasText = inAfrica }).GetByRole(AriaRole.Button, new() { Name = says.History }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(says.MethodChanged);
        await LookAtAsync(page, $"history-{language}");
        await page.Keyboard.PressAsync("Escape");

        // What closing would do; then it is closed at the market, and the page follows by itself.
        await GoAsync(page, says.CloudAccounts);
        await page.GetByRole(AriaRole.Button, new() { Name = says.WhatClosingDoes }).ClickAsync();
        await Expect(page.GetByText(says.WouldLockTwo)).ToBeVisibleAsync();
        await LookAtAsync(page, $"cloud-accounts-{language}");
        await me.CloseResourceAsync(instanceId);
        await Expect(page.GetByText(says.Completed)).ToBeVisibleAsync();
        await Expect(page.GetByText(says.Acknowledged)).ToHaveCountAsync(2);
        await LookAtAsync(page, $"cloud-account-closed-{language}");

        // Both are locked, everywhere; one is unlocked.
        await GoAsync(page, says.Overview);
        await Expect(page.Locator(".mud-alert").Filter(new() { HasText = says.PurchaseClosed })).ToHaveCountAsync(2);
        await GoAsync(page, says.Workspaces);
        var locked = page.Locator("tbody tr").Filter(new() { HasText = inChina });
        await Expect(locked).ToContainTextAsync(says.Locked);
        await locked.GetByRole(AriaRole.Button, new() { Name = says.Unlock }).ClickAsync();
        await LookAtAsync(page, $"unlock-{language}");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = says.Unlock, Exact = true }).ClickAsync();
        await Expect(locked).ToContainTextAsync(says.Normal);
        await Expect(locked).ToContainTextAsync(says.BillingCenterSettles);

        // The bill, and how a line of it came about.
        await GoAsync(page, says.Bills);
        await page.GetByRole(AriaRole.Button, new() { Name = says.ExplainLogs(day) }).ClickAsync();
        await Expect(page.GetByText("2000000 ÷ 1000000 × 1.2 = 2.4 CNY")).ToBeVisibleAsync();
        await LookAtAsync(page, $"bills-{language}");
        await page.GetByRole(AriaRole.Tab, new() { Name = says.MonthlyBill }).ClickAsync();
        var month = await page.Locator("#bill-month").InputValueAsync();
        string.CompareOrdinal(month, day[..7]).ShouldBeLessThan(0, "the last month that is over");
        await LookAtAsync(page, $"bills-monthly-{language}");

        await GoAsync(page, says.Journal);
        await Expect(page.GetByText(says.UsageCharged)).ToBeVisibleAsync();
        await LookAtAsync(page, $"journal-{language}");

        // A prepaid card bought on the market comes in, once.
        var order = await me.BuyPrepaidCardsAsync(accountId, 3);
        await GoAsync(page, says.Vouchers);
        await BuyCardAsync(page, says, accountId, "no such order!");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(says.OrderNumberInvalid);
        await LookAtAsync(page, $"prepaid-card-refused-{language}");
        await page.Keyboard.PressAsync("Escape");
        await BuyCardAsync(page, says, accountId, order);
        await page.GetByRole(AriaRole.Button, new() { Name = says.Redeem, Exact = true }).ClickAsync();
        await Expect(page.Locator("tbody tr").Filter(new() { HasText = order })).ToContainTextAsync("300.00 CNY");
        await LookAtAsync(page, $"vouchers-{language}");

        await GoAsync(page, says.Account);
        await Expect(page.GetByText(account)).ToBeVisibleAsync();
        await LookAtAsync(page, $"account-{language}");

        // The password is changed: a wrong one is said at its field, the right one leads to the sign-in.
        await UsableAsync(page);
        await page.Locator("#password").FillAsync("Not-the-1");
        await page.Locator("#new-password").FillAsync("Battery-staple-5");
        await Expect(page.Locator(".guance-meter")).ToContainTextAsync($"✓ {says.Length}");
        await page.GetByRole(AriaRole.Button, new() { Name = says.ChangePassword }).ClickAsync();
        await Expect(page.Locator(".mud-input-error").Filter(new() { HasText = says.PasswordWrong }).First).ToBeVisibleAsync();
        await LookAtAsync(page, $"account-password-refused-{language}");
        await page.Locator("#password").FillAsync(PasswordOf(me.Username));
        await page.GetByRole(AriaRole.Button, new() { Name = says.ChangePassword }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync(says.PasswordChanged);
        await LookAtAsync(page, $"sign-in-after-change-{language}");
        await page.Locator("input[name=password]").FillAsync("Battery-staple-5");
        await page.Locator("form button[type=submit]").ClickAsync();
        await Expect(page).ToHaveURLAsync($"{world.Places.BillingCenterUrl}/account");
    }

    [Fact]
    public async Task Of_two_people_who_change_the_same_workspace_the_second_sees_that_it_has_changed_and_nothing_is_lost()
    {
        using var me = new Customer(world.Places, world.New("couple"));
        var workspace = await me.RegisterAsync(world.Places.Cn4Url);
        var (firstAccount, firstInstance) = await me.BuyAsync();
        var (secondAccount, secondInstance) = await me.BuyAsync();
        var first = await SignedInAsync(world.Places.BillingCenterUrl, "en", me.Username);
        var second = await SignedInAsync(world.Places.BillingCenterUrl, "en", me.Username);
        await PreviewAsync(first, firstAccount, firstInstance);
        await PreviewAsync(second, secondAccount, secondInstance);

        await first.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await Expect(first.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(first.Locator("tbody tr")).ToContainTextAsync(firstInstance);
        await second.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();

        var dialog = second.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody else has changed this workspace");
        await LookAtAsync(second, "change-stale");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Show the latest" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync($"settled by the open cloud subscription {firstInstance}");
        await Expect(dialog).ToContainTextAsync($"Huawei Cloud Account Settlement ({firstAccount} · {firstInstance})", new() { UseInnerText = true });
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(second.Locator("tbody tr")).ToContainTextAsync(firstInstance);
        await me.SignInToBillingCenterAsync();
        Text(await me.BillingCenter.GetAsync($"/api/workspaces/{workspace}"), "productInstanceId").ShouldBe(firstInstance);

        static async Task PreviewAsync(IPage page, string accountId, string instanceId)
        {
            await OpenAsync(page, "/workspaces");
            await page.GetByRole(AriaRole.Button, new() { Name = "Change" }).First.ClickAsync();
            await page.Locator("#cloud-account-id").FillAsync(accountId);
            await page.Locator("#product-instance-id").FillAsync(instanceId);
            await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Dialog).GetByText(instanceId)).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task What_a_change_is_refused_for_stands_at_its_field_and_what_was_typed_stays()
    {
        using var me = new Customer(world.Places, world.New("typo"));
        await me.RegisterAsync(world.Places.Cn4Url);
        var page = await SignedInAsync(world.Places.BillingCenterUrl, "zh-CN", me.Username);
        await OpenAsync(page, "/workspaces");
        await page.GetByRole(AriaRole.Button, new() { Name = "变更" }).First.ClickAsync();
        await page.Locator("#cloud-account-id").FillAsync("not an id!");
        await page.GetByRole(AriaRole.Button, new() { Name = "预览" }).ClickAsync();

        var field = page.Locator(".mud-input-control").Filter(new() { Has = page.Locator("#cloud-account-id") });
        await Expect(field).ToContainTextAsync("请按云控制台");
        await Expect(page.Locator("#cloud-account-id")).ToHaveValueAsync("not an id!");
        await LookAtAsync(page, "change-refused-at-its-field");
    }

    private static async Task GoAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true, Level = 1 })).ToBeVisibleAsync();
    }

    private static async Task BuyCardAsync(IPage page, Says says, string accountId, string order)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = says.BuyPrepaidCard }).ClickAsync();
        await page.Locator("#card-account-id").FillAsync(accountId);
        await page.Locator("#card-order-number").FillAsync(order);
        await page.GetByRole(AriaRole.Button, new() { Name = says.FindOrder }).ClickAsync();
    }

    /// <summary>The words of the pages that are looked for.</summary>
    private sealed record Says(string Language)
    {
        public string Overview => In("Overview", "账号概览");
        public string Workspaces => In("Workspace Management", "工作空间管理");
        public string CloudAccounts => In("Cloud accounts", "云账号");
        public string Bills => In("Bills", "账单");
        public string Journal => In("Income and expenditure", "收支明细");
        public string Vouchers => In("Vouchers and prepaid cards", "代金券与预购卡");
        public string Account => In("Account", "账号");
        public string Length => In("8 to 32 characters", "8-32 个字符");
        public string ChangePassword => In("Change the password", "修改密码");
        public string PasswordWrong => In("not the account's password", "当前密码不正确");
        public string PasswordChanged => In("The password was changed", "密码已修改");
        public string Change => In("Change", "变更");
        public string Huawei => In("Huawei Cloud Account Settlement", "华为云账号结算");
        public string Preview => In("Preview", "预览");
        public string OneChange => In("the one change of this month", "本月仅可变更一次");
        public string Confirm => In("Confirm", "确定");
        public string History => In("History", "历史");
        public string MethodChanged => In("Settlement method changed", "变更结算方式");
        public string WhatClosingDoes => In("What would closing do?", "关闭后会怎样？");
        public string WouldLockTwo => In("lock 2 workspaces", "锁定 2 个工作空间");
        public string Completed => In("completed", "已完成");
        public string Acknowledged => In("acknowledged at", "确认");
        public string PurchaseClosed => In("purchase closed", "资源已关闭");
        public string Locked => In("Locked", "已锁定");
        public string Unlock => In("Unlock", "解锁");
        public string Normal => In("Normal", "正常");
        public string BillingCenterSettles => In("Billing Center Settlement", "费用中心结算");
        public string MonthlyBill => In("Monthly bill", "月账单");
        public string UsageCharged => In("Usage charged", "用量扣费");
        public string BuyPrepaidCard => In("Buy prepaid card", "购买预购卡");
        public string FindOrder => In("Look the order up", "查询订单");
        public string Redeem => In("Recharge", "兑换");
        public string OrderNumberInvalid => In("Give the order number", "填写订单号");

        public string ExplainLogs(string day) => In($"Explain Logs · 7 d of {day}", $"说明 {day} 的 日志 · 7 天");

        private string In(string english, string chinese) => Language == "en" ? english : chinese;
    }
}
