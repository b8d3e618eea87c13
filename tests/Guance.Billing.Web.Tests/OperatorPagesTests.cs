using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Guance.Billing.Web.Tests;

/// <summary>What operators do in the Billing Center's pages.</summary>
public sealed class OperatorPagesTests(AWorld world, ABrowser browser)
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
        var day = await PastMidnightAsync();
        var page = await browser.WindowAsync(world.Places.BillingCenterUrl, language);

        await page.GotoAsync("/operator");
        await ABrowser.LookAtAsync(page, $"operator-sign-in-{language}");
        await SignInAsync(page, "dev-operator", "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await SignInAsync(page, "dev-operator", "dev-operator-secret");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = says.Sites, Level = 1 })).ToBeVisibleAsync();
        await ABrowser.UsableAsync(page);
        await Expect(page.Locator("tbody tr").Filter(new() { HasText = "za1" })).ToContainTextAsync(says.InOrder);
        await ABrowser.LookAtAsync(page, $"operator-sites-{language}");

        await GoAsync(page, says.Runs);
        await Expect(page.Locator("#run-date")).ToHaveValueAsync(day);
        await page.GetByRole(AriaRole.Button, new() { Name = says.Close }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { NameRegex = new($"^{day}") })).ToContainTextAsync(says.Completed);
        await ABrowser.LookAtAsync(page, $"operator-runs-{language}");

        await GoAsync(page, says.Quarantine);
        await Expect(page.Locator("tbody tr").Filter(new() { HasText = workspace })).ToContainTextAsync("odd-item");
        await ABrowser.LookAtAsync(page, $"operator-quarantine-{language}");
        await GoAsync(page, says.Violations);
        await Expect(page.GetByText(says.NoViolations)).ToBeVisibleAsync();
        await ABrowser.LookAtAsync(page, $"operator-violations-{language}");

        await GoAsync(page, says.Credits);
        await page.Locator("#account-search").FillAsync(me.Username.ToUpperInvariant());
        await page.GetByRole(AriaRole.Button, new() { Name = says.Find }).ClickAsync();
        await Expect(page.GetByText("1.00 CNY").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = says.Cash }).ClickAsync();
        await page.Locator("#credit-amount").FillAsync("12.345");
        await page.GetByRole(AriaRole.Button, new() { Name = says.Confirm }).ClickAsync();
        await Expect(page.Locator(".mud-input-control").Filter(new() { Has = page.Locator("#credit-amount") })).ToContainTextAsync(says.AmountRefused);
        await page.Locator("#credit-amount").FillAsync("100");
        await ABrowser.LookAtAsync(page, $"operator-credit-{language}");
        await page.GetByRole(AriaRole.Button, new() { Name = says.Confirm }).ClickAsync();
        await Expect(page.GetByText("99.00 CNY").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = says.Voucher }).ClickAsync();
        await page.Locator("#credit-amount").FillAsync("30");
        await page.GetByRole(AriaRole.Button, new() { Name = says.Confirm }).ClickAsync();
        await Expect(page.Locator("dd").Filter(new() { HasText = "30.00 CNY" })).ToBeVisibleAsync();
        await ABrowser.LookAtAsync(page, $"operator-credits-{language}");

        await GoAsync(page, says.Locks);
        await page.Locator("#lock-search").FillAsync(workspace);
        var row = page.Locator("tbody tr").Filter(new() { HasText = workspace });
        await row.GetByRole(AriaRole.Button, new() { Name = says.Lock }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = says.Lock, Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(says.SayWhy);
        await page.Locator("#lock-reason").FillAsync("asked by its owner");
        await ABrowser.LookAtAsync(page, $"operator-lock-{language}");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = says.Lock, Exact = true }).ClickAsync();
        await Expect(row).ToContainTextAsync(says.Locked);
        await row.GetByRole(AriaRole.Button, new() { Name = says.Unlock }).ClickAsync();
        await page.Locator("#lock-reason").FillAsync("settled");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = says.Unlock, Exact = true }).ClickAsync();
        await Expect(row).ToContainTextAsync(says.Normal);
        await ABrowser.LookAtAsync(page, $"operator-locks-{language}");

        // The customer's pages are not the operator's, nor the other way round.
        await page.GotoAsync("/workspaces");
        await Expect(page).ToHaveURLAsync($"{world.Places.BillingCenterUrl}/sign-in?back=%2Fworkspaces");
        var customer = await browser.SignedInAsync(world.Places.BillingCenterUrl, language, me.Username);
        await customer.GotoAsync("/operator/credits");
        await Expect(customer).ToHaveURLAsync($"{world.Places.BillingCenterUrl}/operator/sign-in?back=%2Foperator%2Fcredits");
        (await page.APIRequest.GetAsync($"{world.Places.BillingCenterUrl}/api/operator/sites")).Status.ShouldBe(401);
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

    /// <summary>Moves the world past midnight in Shanghai; the day is over, and nobody has closed it.</summary>
    private async Task<string> PastMidnightAsync()
    {
        using var anyone = new Person(world.Places.BillingCenterUrl);
        var local = (await world.NowAsync()).ToOffset(TimeSpan.FromHours(8));
        var midnight = new DateTimeOffset(local.Date.AddDays(1), TimeSpan.FromHours(8));
        await anyone.PostAsync("/dev/clock", new { advance = (midnight.AddMinutes(1) - local).ToString("c", System.Globalization.CultureInfo.InvariantCulture) });
        return local.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
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

        private string In(string english, string chinese) => Language == "en" ? english : chinese;
    }
}
