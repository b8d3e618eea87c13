using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Guance.Billing.Web.Tests;

/// <summary>What operators do in the Billing Center's pages.</summary>
[Collection<OperatorsWorld>]
public sealed class OperatorPagesTests(AWorld world, ABrowser browser) : InWindows(browser)
{
    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task An_operator_sees_how_sites_stand_closes_a_day_credits_an_account_and_locks_a_workspace(string language)
    {
        var says = new Says(language);
        using var me = new Customer(world.Places, world.New("operated"));
        var workspace = await me.RegisterAsync(world.Places.Cn4Url);
        using (var agent = await world.StaffAsync(world.Places.Cn4Url))
        {
            await agent.PostAsync("/api/usage", new[]
            {
                AWorld.Event(workspace, world.New("calls"), "task-calls", 10_000, null, await world.NowAsync()), AWorld.Event(workspace, world.New("odd"), "odd-item", 1, null, await world.NowAsync()),
            });
        }

        await world.ToldAsync(workspace, 10_000);
        var day = await world.PassMidnightAsync(minutes: 1);
        var page = await WindowAsync(world.Places.BillingCenterUrl, language);

        await page.GotoAsync("/operator");
        await LookAtAsync(page, $"operator-sign-in-{language}");
        await SignInAsync(page, "dev-operator", "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await SignInAsync(page, "dev-operator", "dev-operator-secret");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = says.Sites, Level = 1 })).ToBeVisibleAsync();
        await UsableAsync(page);
        await Expect(page.Locator("tbody tr").Filter(new() { HasText = "za1" })).ToContainTextAsync(says.InOrder);
        await LookAtAsync(page, $"operator-sites-{language}");

        await GoAsync(page, says.Runs);
        await Expect(page.Locator("#run-date")).ToHaveValueAsync(day);
        await page.GetByRole(AriaRole.Button, new() { Name = says.Close }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { NameRegex = new($"^{day}") })).ToContainTextAsync(says.Completed);
        await LookAtAsync(page, $"operator-runs-{language}");

        await GoAsync(page, says.Quarantine);
        await Expect(page.Locator("tbody tr").Filter(new() { HasText = workspace })).ToContainTextAsync("odd-item");
        await LookAtAsync(page, $"operator-quarantine-{language}");
        await GoAsync(page, says.Violations);
        await Expect(page.GetByText(says.NoViolations)).ToBeVisibleAsync();
        await LookAtAsync(page, $"operator-violations-{language}");

        await GoAsync(page, says.Credits);
        await page.Locator("#account-search").FillAsync(me.Username.ToUpperInvariant());
        await page.GetByRole(AriaRole.Button, new() { Name = says.Find }).ClickAsync();
        await Expect(page.GetByText("1.00 CNY").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = says.Cash }).ClickAsync();
        await page.Locator("#credit-amount").FillAsync("12.345");
        await page.GetByRole(AriaRole.Button, new() { Name = says.Confirm }).ClickAsync();
        await Expect(page.Locator(".mud-input-control").Filter(new() { Has = page.Locator("#credit-amount") })).ToContainTextAsync(says.AmountRefused);
        await page.Locator("#credit-amount").FillAsync("100");
        await LookAtAsync(page, $"operator-credit-{language}");
        await page.GetByRole(AriaRole.Button, new() { Name = says.Confirm }).ClickAsync();
        await Expect(page.GetByText("99.00 CNY").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = says.Voucher }).ClickAsync();
        await page.Locator("#credit-amount").FillAsync("30");
        await page.GetByRole(AriaRole.Button, new() { Name = says.Confirm }).ClickAsync();
        await Expect(page.Locator("dd").Filter(new() { HasText = "30.00 CNY" })).ToBeVisibleAsync();
        await LookAtAsync(page, $"operator-credits-{language}");

        await GoAsync(page, says.Locks);
        await page.Locator("#lock-search").FillAsync(workspace);
        var row = page.Locator("tbody tr").Filter(new() { HasText = workspace });
        await row.GetByRole(AriaRole.Button, new() { Name = says.Lock }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = says.Lock, Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(says.SayWhy);
        await page.Locator("#lock-reason").FillAsync("asked by its owner");
        await LookAtAsync(page, $"operator-lock-{language}");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = says.Lock, Exact = true }).ClickAsync();
        await Expect(row).ToContainTextAsync(says.Locked);
        await row.GetByRole(AriaRole.Button, new() { Name = says.Unlock }).ClickAsync();
        await page.Locator("#lock-reason").FillAsync("settled");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = says.Unlock, Exact = true }).ClickAsync();
        await Expect(row).ToContainTextAsync(says.Normal);
        await LookAtAsync(page, $"operator-locks-{language}");

        // The customer's pages are not the operator's, nor the other way round.
        await page.GotoAsync("/workspaces");
        await Expect(page).ToHaveURLAsync($"{world.Places.BillingCenterUrl}/sign-in?back=%2Fworkspaces");
        var customer = await SignedInAsync(world.Places.BillingCenterUrl, language, me.Username);
        await customer.GotoAsync("/operator/credits");
        await Expect(customer).ToHaveURLAsync($"{world.Places.BillingCenterUrl}/operator/sign-in?back=%2Foperator%2Fcredits");
        (await page.APIRequest.GetAsync($"{world.Places.BillingCenterUrl}/api/operator/sites")).Status.ShouldBe(401);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task An_operator_sees_what_is_at_risk_sends_it_again_reconciles_publishes_prices_and_finds_it_all_in_the_audit(string language)
    {
        var says = new Says(language);
        using var me = new Customer(world.Places, world.New("risky"));
        using var market = new Person(world.Places.MarketplaceUrl);
        using var staff = await world.StaffAsync(world.Places.BillingCenterUrl);
        var (accountId, instanceId) = await me.BuyAsync();
        var workspace = await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        using (var agent = await world.StaffAsync(world.Places.Cn4Url))
        {
            await agent.PostAsync("/api/usage", new[] { AWorld.Event(workspace, world.New("logs"), "logs", 2_000_000, 7, await world.NowAsync()) });
        }

        await world.ToldAsync(workspace, 2_000_000);
        await market.PostAsync("/sim/faults", new { rejectRecords = 1.0, rejectCode = "012" });
        var day = await world.CloseTheDayAsync(staff);
        var page = await WindowAsync(world.Places.BillingCenterUrl, language);
        await page.GotoAsync("/operator/at-risk");
        await SignInAsync(page, "dev-operator", "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await SignInAsync(page, "dev-operator", "dev-operator-secret");

        // What the market refused waits, with the time that is left; once the market takes it again, it is sent on demand.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = says.AtRisk, Level = 1 })).ToBeVisibleAsync();
        await UsableAsync(page);
        var row = page.Locator("tbody tr").Filter(new() { HasText = instanceId });
        await Expect(row).ToContainTextAsync("2.40 CNY");
        // A word of its own: a record's identifier may have these digits in it.
        var code = new Regex(@"\b012\b", RegexOptions.None, TimeSpan.FromSeconds(1));
        await Expect(row).ToContainTextAsync(code);
        await LookAtAsync(page, $"operator-at-risk-{language}");
        await market.PostAsync("/sim/faults", new { reset = true });
        await row.GetByRole(AriaRole.Button, new() { Name = says.SendNow }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);

        // The records and the market's verdicts; one can be marked, with a reason.
        await page.GotoAsync($"/operator/pushed-records?instanceId={instanceId}");
        await UsableAsync(page);
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator("tbody tr").Filter(new() { HasTextRegex = code })).ToContainTextAsync(says.Refused);
        await LookAtAsync(page, $"operator-pushed-records-{language}");
        await page.Locator("tbody tr").Filter(new() { HasText = says.Taken, HasNotTextRegex = code }).GetByRole(AriaRole.Button, new() { Name = says.MarkRefused }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = says.Confirm, Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(says.SayWhere);
        await LookAtAsync(page, $"operator-mark-{language}");
        await page.Keyboard.PressAsync("Escape");

        // Rated, taken and billed agree once the market's file is in.
        var (month, bill) = await world.MarketBillAsync(staff);
        await GoAsync(page, says.Reconciliation);
        await Expect(page.Locator("tbody tr").Filter(new() { HasText = instanceId })).ToContainTextAsync("2.40 CNY");
        await page.GetByRole(AriaRole.Button, new() { Name = says.ImportBill }).ClickAsync();
        await PickAsync(page, "#market-bill", "bill.csv", "this is no bill");
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = says.NothingImported })).ToBeVisibleAsync();
        await PickAsync(page, "#market-bill", "bill.csv", bill);
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText(month, new() { Exact = true }).First).ToBeVisibleAsync();
        await LookAtAsync(page, $"operator-market-bill-{language}");
        await page.GetByRole(AriaRole.Button, new() { Name = says.Import, Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"{says.DayByDay} {instanceId}" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = $"{says.DayByDay} {instanceId}" })).ToContainTextAsync(day);
        await LookAtAsync(page, $"operator-reconciliation-{language}");

        // A price book: what it would change is seen before it holds.
        await GoAsync(page, says.PriceBook);
        var book = await (await page.APIRequest.GetAsync($"{world.Places.BillingCenterUrl}/operator/price-book.csv")).TextAsync();
        await PickAsync(page, "#price-book-file", "book.csv", string.Join('\n', book.Split('\n')[..^3]));
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = says.PricesMissing })).ToBeVisibleAsync();
        var later = language == "en" ? "2031-01-01" : "2032-01-01";
        await PickAsync(page, "#price-book-file", "book.csv", $"{book.TrimEnd()}\nsms,sum,message,10,,CNY,china,1.5,{later}\n");
        var preview = page.GetByRole(AriaRole.Region, new() { Name = says.WhatWouldChange }).First;
        await Expect(preview).ToContainTextAsync(later);
        await LookAtAsync(page, $"operator-price-book-{language}");
        await preview.GetByRole(AriaRole.Button, new() { Name = says.Publish }).ClickAsync();
        await Expect(page.Locator("tbody tr").Filter(new() { HasText = later })).ToContainTextAsync("1.50 CNY");

        await GoAsync(page, says.Violations);
        await page.GetByRole(AriaRole.Button, new() { Name = says.CheckAgain }).ClickAsync();
        await Expect(page.GetByText(says.NothingFound)).ToBeVisibleAsync();

        // The jobs' own pages, for whom has signed in alone.
        var refused = new List<string>();
        page.Console += (_, message) => refused.AddRange(message.Type == "error" ? [message.Text] : []);
        foreach (var jobs in new[] { "/operator/jobs", "/operator/jobs/recurring", "/operator/jobs/jobs/succeeded" })
        {
            await page.GotoAsync(jobs);
            await LookAtAsync(page, $"operator-jobs{jobs.Split('/')[^1]}-{language}");
        }

        await page.GotoAsync("/operator/jobs/recurring");
        await Expect(page.GetByText("settlement:close-days").First).ToBeVisibleAsync();
        refused.ShouldBeEmpty();
        var stranger = await WindowAsync(world.Places.BillingCenterUrl, language);
        await stranger.GotoAsync("/operator/jobs/recurring");
        await Expect(stranger).ToHaveURLAsync($"{world.Places.BillingCenterUrl}/operator/sign-in?back=%2Foperator%2Fjobs%2Frecurring");

        // Who did what.
        await OpenAsync(page, "/operator/audit");
        foreach (var act in says.Done)
        {
            await Expect(page.Locator("tbody tr").Filter(new() { HasText = act }).First).ToContainTextAsync("client:dev-operator");
        }

        await LookAtAsync(page, $"operator-audit-{language}");
        await page.Locator("#audit-subject").FillAsync(instanceId);
        await page.Locator("#audit-subject").PressAsync("Enter");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.Locator("#audit-by").FillAsync("nobody");
        await page.Locator("#audit-by").PressAsync("Enter");
        await Expect(page.GetByText(says.NoActs)).ToBeVisibleAsync();
    }

    private static async Task PickAsync(IPage page, string input, string name, string text)
    {
        // What is picked before the field is listened to is lost; no person is that quick.
        await page.WaitForFunctionAsync("input => document.querySelector(input)?._blazorInputFileNextFileId !== undefined", input);
        await page.Locator(input).SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes(text) });
    }

    private static async Task SignInAsync(IPage page, string id, string secret)
    {
        await page.Locator("input[name=username]").FillAsync(id);
        await page.Locator("input[name=password]").FillAsync(secret);
        await page.Locator("form button[type=submit]").ClickAsync();
    }

    private static async Task GoAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true, Level = 1 })).ToBeVisibleAsync();
    }

    /// <summary>The words of the pages that are looked for.</summary>
    private sealed record Says(string Language)
    {
        public string Sites => In("Sites", "站点");
        public string InOrder => In("in order", "正常");
        public string Runs => In("Settlement runs", "结算任务");
        public string Close => In("Close this day", "结算该日");
        public string Completed => In("completed", "已完成");
        public string Quarantine => In("Quarantine", "隔离用量");
        public string Violations => In("Violations", "异常");
        public string NoViolations => In("Every invariant of money holds", "所有资金校验均通过");
        public string Credits => In("Credits", "充值与代金券");
        public string Find => In("Find", "查找");
        public string Cash => In("Credit cash", "充值现金");
        public string Voucher => In("Issue a voucher", "发放代金券");
        public string Confirm => In("Confirm", "确定");
        public string AmountRefused => In("at most two decimals", "最多两位小数");
        public string Locks => In("Locks", "锁定");
        public string Lock => In("Lock", "锁定");
        public string Unlock => In("Unlock", "解锁");
        public string SayWhy => In("Say why", "请填写原因");
        public string Locked => In("Locked", "已锁定");
        public string Normal => In("Normal", "正常");

        public string AtRisk => In("At risk", "风险金额");
        public string SendNow => In("Send now", "立即推送");
        public string Refused => In("refused", "被拒绝");
        public string Taken => In("taken", "已接收");
        public string MarkRefused => In("Mark as refused", "标记为被拒绝");
        public string SayWhere => In("where this was seen", "请填写依据");
        public string Reconciliation => In("Reconciliation", "对账");
        public string ImportBill => In("Import the market's monthly file", "导入云商店月度账单");
        public string NothingImported => In("Nothing was imported", "未导入任何内容");
        public string Import => In("Import", "导入");
        public string DayByDay => In("Day by day", "逐日明细");
        public string PriceBook => In("Price book", "价格表");
        public string PricesMissing => In("prices are missing", "不得移除已有的价格");
        public string WhatWouldChange => In("What would change", "变更预览");
        public string Publish => In("Publish version", "发布版本");
        public string CheckAgain => In("Check these days again", "重新校验所选日期");
        public string NothingFound => In("Nothing was found", "未发现异常");
        public string NoActs => In("Nothing like that was done", "没有符合条件的操作记录");
        public string[] Done =>
        [
            In("signed in", "登录"), In("tried to sign in", "登录失败"), In("closed a day", "结算某日"), In("sent usage again", "重新推送用量"),
            In("imported the market's file", "导入云商店账单"), In("published a price book", "发布价格表"), In("ran the checks", "执行校验"),
        ];

        private string In(string english, string chinese) => Language == "en" ? english : chinese;
    }
}
