using System.Globalization;
using Guance.Billing.TestKit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Guance.Billing.Web.Tests;

/// <summary>What a finance person does in the Billing Center's pages.</summary>
[Collection<CustomersWorld>]
public sealed class WorkspaceManagementPageTests(AWorld world, ABrowser browser) : InWindows(browser)
{
    [Theory]
    [InlineData("en", "Sign in", "Workspace Management", "Username and password don't belong together", "Huawei Cloud Account Settlement", "No workspace is like that.", "Show all", "Sign out")]
    [InlineData("zh-CN", "登录", "工作空间管理", "用户名或密码不正确", "华为云账号结算", "没有符合条件的工作空间。", "显示全部", "退出登录")]
    public async Task A_customer_signs_in_sees_the_workspaces_of_all_sites_and_finds_one(
        string language, string signIn, string management, string refused, string huawei, string nothing, string showAll, string signOut)
    {
        using var me = new Customer(world.Places, world.New("page"));
        var (accountId, instanceId) = await me.BuyAsync();
        var inChina = await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        var inAfrica = await me.RegisterAndAttachAsync(world.Places.Za1Url);
        using var other = new Customer(world.Places, world.New("other"));
        var others = await other.RegisterAsync(world.Places.Cn4Url);
        var page = await WindowAsync(world.Places.BillingCenterUrl, language);

        await page.GotoAsync("/workspaces");
        await Expect(page).ToHaveURLAsync($"{world.Places.BillingCenterUrl}/sign-in?back=%2Fworkspaces");
        await LookAtAsync(page, $"sign-in-{language}");
        await SignInAsync("wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(refused);
        await Expect(page.Locator("input[name=username]")).ToHaveValueAsync(me.Username);
        await SignInAsync(PasswordOf(me.Username));

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = management })).ToBeVisibleAsync();
        var rows = page.Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(rows.Filter(new() { HasText = inChina })).ToContainTextAsync(huawei);
        await Expect(rows.Filter(new() { HasText = inChina })).ToContainTextAsync(instanceId);
        await Expect(page.GetByText(others)).ToHaveCountAsync(0);
        await Expect(page.GetByText("Africa/Johannesburg")).ToBeVisibleAsync();
        await UsableAsync(page);
        await LookAtAsync(page, $"workspace-management-{language}");

        await page.Locator("#workspace-search").FillAsync(inAfrica[^12..].ToUpperInvariant());
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows).ToContainTextAsync(inAfrica);
        await page.Locator("#workspace-search").FillAsync("nobody");
        await Expect(page.GetByText(nothing)).ToBeVisibleAsync();
        await LookAtAsync(page, $"workspace-management-nothing-{language}");
        await page.GetByRole(AriaRole.Button, new() { Name = showAll }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(2);

        await page.GetByRole(AriaRole.Button, new() { Name = signOut }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{world.Places.BillingCenterUrl}/sign-in");
        await page.GotoAsync("/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = signIn })).ToBeVisibleAsync();

        async Task SignInAsync(string password)
        {
            await page.Locator("input[name=username]").FillAsync(me.Username);
            await page.Locator("input[name=password]").FillAsync(password);
            await page.GetByRole(AriaRole.Button, new() { Name = signIn }).ClickAsync();
        }
    }

    [Fact]
    public async Task The_language_is_the_readers_choice_and_stays()
    {
        var page = await WindowAsync(world.Places.BillingCenterUrl, "en");
        await page.GotoAsync("/sign-in");
        await page.GetByRole(AriaRole.Link, new() { Name = "中文" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "登录" })).ToBeVisibleAsync();
        await page.GotoAsync("/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "登录" })).ToBeVisibleAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "zh-CN");
    }

    [Fact]
    public async Task A_page_whose_node_dies_goes_on_at_another_one_without_a_new_sign_in()
    {
        using var me = new Customer(world.Places, world.New("nodes"));
        var workspace = await me.RegisterAsync(world.Places.Cn4Url);
        var other = new Uri($"http://127.0.0.1:{Ports.Free()}");
        // By the second, so that it is not behind: clocks are only moved forward.
        var ahead = await world.NowAsync() - TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1);
        using var node = await world.StartBillingCenterProcessAsync(("Urls", other.OriginalString), ("Development:ClockAhead", ahead.ToString("c", CultureInfo.InvariantCulture)));
        try
        {
            await using var both = new ALink([other, new Uri(world.Places.BillingCenterUrl)], keepsToOne: true);
            var page = await SignedInAsync(both.Url, "en", me.Username);
            await OpenAsync(page, "/workspaces");
            var rows = page.Locator("tbody tr");
            await FindAsync("nobody", 0);
            await page.EvaluateAsync("document.body.dataset.node = 'dies'");

            await node.KillAsync();

            await Expect(page.Locator("body[data-node]")).ToHaveCountAsync(0);
            await UsableAsync(page);
            await FindAsync("nobody", 0);
            await FindAsync(workspace[^12..], 1);

            async Task FindAsync(string text, int count)
            {
                await page.Locator("#workspace-search").FillAsync(text);
                await Expect(rows).ToHaveCountAsync(count);
            }
        }
        finally
        {
            await node.KillAsync();
        }
    }
}
