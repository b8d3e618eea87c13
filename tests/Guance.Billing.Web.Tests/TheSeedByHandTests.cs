using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Guance.Billing.Web.Tests;

/// <summary>The whole story as one person clicks it, in one browser: the market, two sites and the Billing Center, with what is read on one page typed on the next.</summary>
[Collection<CustomersWorld>]
public sealed class TheSeedByHandTests(AWorld world, ABrowser browser) : InWindows(browser)
{
    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task One_purchase_settles_workspaces_of_two_sites_is_closed_and_they_are_unlocked(string language)
    {
        var says = new Says(language);
        using var me = new Customer(world.Places, world.New("byhand"));
        var page = await WindowAsync(world.Places.MarketplaceUrl, language);

        var (accountId, instanceId) = await ActivateOnTheMarketAsync(page, says, me);
        await RegisterAsync(page, says, me, world.Places.Cn4Url, accountId, hasBillingAccount: false);
        await RegisterAsync(page, says, me, world.Places.Za1Url, accountId: null, hasBillingAccount: true);

        // Workspace Management shows both sites; the second workspace comes to the same purchase.
        await page.GotoAsync($"{world.Places.BillingCenterUrl}/workspaces");
        await page.Locator("input[name=username]").FillAsync(me.Username);
        await page.Locator("input[name=password]").FillAsync(PasswordOf(me.Username));
        await page.Locator("form button[type=submit]").ClickAsync();
        await UsableAsync(page);
        var (inChina, inAfrica) = (page.Locator("tbody tr").Filter(new() { HasText = "cn4" }), page.Locator("tbody tr").Filter(new() { HasText = "za1" }));
        await Expect(inChina).ToContainTextAsync(instanceId);
        await inAfrica.GetByRole(AriaRole.Button, new() { Name = says.Change }).ClickAsync();
        await PressAsync(page, says.Preview);
        await PressAsync(page, says.Confirm);
        await Expect(inAfrica).ToContainTextAsync(instanceId);

        // Closed at the market: both are locked, wherever they are.
        await page.GotoAsync($"{world.Places.MarketplaceUrl}/purchased");
        await page.GetByText(says.More, new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = says.CloseResource }).ClickAsync();
        await PressAsync(page, says.CloseResource);
        await Expect(page.Locator(".status")).ToHaveTextAsync(says.Closed);
        await page.GotoAsync($"{world.Places.BillingCenterUrl}/cloud-accounts");
        await Expect(page.GetByText(says.Acknowledged)).ToHaveCountAsync(2);
        await OpenAsync(page, $"{world.Places.BillingCenterUrl}/workspaces?state=locked");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await LookAtAsync(page, $"by-hand-locked-{language}");

        // One is unlocked here, the other from its site's lock page.
        await inAfrica.GetByRole(AriaRole.Button, new() { Name = says.Unlock }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = says.Unlock, Exact = true }).ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.GotoAsync($"{world.Places.Cn4Url}/my-workspaces");
        await page.GetByRole(AriaRole.Link, new() { Name = says.UnlockOrDissolve }).ClickAsync();
        await PressAsync(page, says.UnlockNow);
        await Expect(page).ToHaveURLAsync(new Regex($"^{world.Places.BillingCenterUrl}/unlock/"));
        await Expect(page.Locator("form button").First).ToBeVisibleAsync();
        await LookAtAsync(page, $"by-hand-unlock-{language}");
        await page.Locator("form button").First.ClickAsync();
        await OpenAsync(page, $"{world.Places.BillingCenterUrl}/workspaces?state=normal");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(inChina).ToContainTextAsync(says.BillingCenterSettles);
    }

    private static async Task<(string AccountId, string InstanceId)> ActivateOnTheMarketAsync(IPage page, Says says, Customer me)
    {
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = says.ActivateNow }).First.ClickAsync();
        await page.Locator("main a.button").ClickAsync();
        await page.Locator("input[name=name]").FillAsync(me.Username);
        await page.Locator("input[name=email]").FillAsync($"buyer.{me.Email}");
        await page.Locator("main form button").First.ClickAsync();
        await page.Locator("input[name=agreed]").CheckAsync();
        await PressAsync(page, says.ActivateNow);
        await page.GetByRole(AriaRole.Link, new() { Name = says.ReturnToMarket }).ClickAsync();
        await Expect(page.Locator("tbody tr")).ToContainTextAsync(says.Running);
        await page.Locator("tbody tr a").First.ClickAsync();
        await Expect(page.Locator("#instance")).ToContainTextAsync("frontEndUrl");
        var instanceId = await page.Locator("#instance [data-copy]").Last.GetAttributeAsync("data-copy");
        await page.GetByRole(AriaRole.Link, new() { Name = says.MyCredentials }).ClickAsync();
        return ((await page.Locator("main [data-copy]").GetAttributeAsync("data-copy"))!, instanceId!);
    }

    private async Task RegisterAsync(IPage page, Says says, Customer me, string site, string? accountId, bool hasBillingAccount)
    {
        await page.GotoAsync($"{site}/register");
        if (hasBillingAccount)
        {
            await page.GetByLabel(says.HaveBillingAccount).CheckAsync();
        }

        await page.Locator("#username").FillAsync(me.Username);
        await page.Locator("#password").FillAsync(PasswordOf(me.Username));
        await page.Locator("#email").FillAsync(me.Email);
        await PressAsync(page, says.Next);
        await Expect(page.Locator("#code")).ToBeVisibleAsync();
        await page.Locator("#code").FillAsync(CodeIn(await MailAsync(site, me.Email)));
        await PressAsync(page, says.Next);
        await page.Locator("#companyName").FillAsync("ACME Ltd.");
        await page.GetByLabel(says.AcceptAgreements).CheckAsync();
        await PressAsync(page, says.Register);
        await page.Locator("#workspaceName").FillAsync($"{me.Username} workspace");
        if (accountId is not null)
        {
            await page.GetByRole(AriaRole.Radio, new() { Name = says.Huawei }).CheckAsync();
            await page.Locator("#cloudAccountId").FillAsync(accountId);
        }
        else
        {
            await page.GetByRole(AriaRole.Radio, new() { Name = says.BillingCenterSettles }).CheckAsync();
            await page.Locator("#billingUsername").FillAsync(me.Username);
            await PressAsync(page, says.MailCode);
            await Expect(page.Locator("#mail-code")).ToBeDisabledAsync();
            await page.Locator("#billingCode").FillAsync(CodeIn(await MailAsync(world.Places.BillingCenterUrl, me.Email)));
        }

        await page.GetByLabel(says.AcceptTerms).CheckAsync();
        await PressAsync(page, says.Activate);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = says.Successful })).ToBeVisibleAsync();
    }

    private static Task PressAsync(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

    /// <summary>The words of the pages that are looked for.</summary>
    private sealed record Says(string Language)
    {
        public string ActivateNow => In("Activate Now", "立即开通");
        public string ReturnToMarket => In("Return to My Cloud Market", "返回我的云商店");
        public string Running => In("Running", "运行中");
        public string MyCredentials => In("My Credentials", "我的凭证");
        public string More => In("More", "更多");
        public string CloseResource => In("Close Resource", "关闭资源");
        public string Closed => In("Closed", "已关闭");
        public string Next => In("Next", "下一步");
        public string HaveBillingAccount => In("I have a Billing Center account already", "我已有费用中心账号");
        public string AcceptAgreements => In("I have read and accept the user agreement", "我已阅读并同意《用户服务协议》");
        public string Register => In("Register", "注册");
        public string Huawei => In("Huawei Cloud Account Settlement", "华为云账号结算");
        public string BillingCenterSettles => In("Billing Center Settlement", "费用中心结算");
        public string MailCode => In("Mail the code", "发送验证码");
        public string AcceptTerms => In("I have read and accept the Commercial plan agreement", "我已阅读并同意《商业版服务协议》");
        public string Activate => In("Activate", "开通");
        public string Successful => In("Activation successful", "开通成功");
        public string Change => In("Change", "变更");
        public string Preview => In("Preview", "预览");
        public string Confirm => In("Confirm", "确定");
        public string Acknowledged => In("acknowledged at", "已于");
        public string Unlock => In("Unlock", "解锁");
        public string UnlockOrDissolve => In("Unlock or dissolve", "解锁或解散");
        public string UnlockNow => In("Unlock Now", "立即解锁");

        private string In(string english, string chinese) => Language == "en" ? english : chinese;
    }
}
