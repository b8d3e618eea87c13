using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Guance.Billing.Web.Tests;

/// <summary>The marketplace simulator by hand: what a buyer clicks, and what the seller's panel shows of it.</summary>
[Collection<OperatorsWorld>]
public sealed class MarketplacePagesTests(AWorld world, ABrowser browser) : InWindows(browser)
{
    [Theory]
    [InlineData("en", "Activate Now", "Agree to the agreement first", "SaaS task submission successful", "Return to My Cloud Market", "Running", "Application Information", "More", "Close Resource", "Closed", "My Credentials")]
    [InlineData("zh-CN", "立即开通", "请先同意协议", "SaaS任务提交成功", "返回我的云商店", "运行中", "应用信息", "更多", "关闭资源", "已关闭", "我的凭证")]
    public async Task A_buyer_activates_sees_the_application_information_and_closes_the_resource(
        string language, string activate, string agreeFirst, string submitted, string back, string running, string information, string more, string close, string closed, string credentials)
    {
        var page = await WindowAsync(world.Places.MarketplaceUrl, language);
        await page.GotoAsync("/");
        await LookAtAsync(page, $"market-products-{language}");
        await page.GetByRole(AriaRole.Link, new() { Name = activate }).First.ClickAsync();
        await page.Locator("main a.button").ClickAsync();
        await LookAtAsync(page, $"market-account-{language}");
        await page.Locator("input[name=name]").FillAsync($"Buyer {language}");
        await page.Locator("input[name=email]").FillAsync($"buyer-{language}@acme.example");
        await page.Locator("main form button").First.ClickAsync();
        await LookAtAsync(page, $"market-buy-{language}");
        await page.GetByRole(AriaRole.Button, new() { Name = activate }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(agreeFirst);
        await page.Locator("input[name=agreed]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = activate }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = submitted })).ToBeVisibleAsync();
        await LookAtAsync(page, $"market-submitted-{language}");
        await page.GetByRole(AriaRole.Link, new() { Name = back }).ClickAsync();
        // It is provided in the background, and the list follows by itself.
        await Expect(page.Locator("tbody tr")).ToContainTextAsync(running);
        await LookAtAsync(page, $"market-purchased-{language}");
        await page.Locator("tbody tr a").First.ClickAsync();
        await Expect(page.GetByText(information)).ToBeVisibleAsync();
        await Expect(page.Locator("#instance")).ToContainTextAsync(world.Places.Cn4Url[..16]);
        await LookAtAsync(page, $"market-details-{language}");
        await page.GetByRole(AriaRole.Link, new() { Name = credentials }).ClickAsync();
        await Expect(page.Locator("main .id")).ToHaveTextAsync(new Regex("^[0-9a-f]{32}$"));
        await LookAtAsync(page, $"market-credentials-{language}");

        await page.GotoAsync("/purchased");
        await page.GetByText(more, new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = close }).ClickAsync();
        await LookAtAsync(page, $"market-close-{language}");
        await page.GetByRole(AriaRole.Button, new() { Name = close }).ClickAsync();
        await Expect(page.Locator(".status")).ToHaveTextAsync(closed);
        await LookAtAsync(page, $"market-closed-{language}");
    }

    [Theory]
    [InlineData("en", "verified", "Calls sent twice, %: 25", "what fell due is done")]
    [InlineData("zh-CN", "通过", "重复发送的调用，%: 25", "到期的任务已执行完")]
    public async Task A_sellers_engineer_sees_every_call_with_its_signature_sets_faults_and_moves_the_clock(string language, string verified, string faulty, string done)
    {
        using var me = new Customer(world.Places, world.New("seller"));
        await me.BuyAsync();
        var page = await WindowAsync(world.Places.MarketplaceUrl, language);
        await page.GotoAsync("/seller");
        await Expect(page.Locator("#calls tbody tr").Filter(new() { HasText = "newInstance" }).First).ToContainTextAsync(verified);
        await page.Locator("#calls details").First.ClickAsync();
        await LookAtAsync(page, $"market-seller-{language}");
        foreach (var path in new[] { "usage", "instances" })
        {
            await page.GotoAsync($"/seller/{path}");
            await LookAtAsync(page, $"market-seller-{path}-{language}");
        }

        await page.GotoAsync("/seller/faults");
        await page.Locator("input[name=duplicate]").FillAsync("25");
        await page.Locator("main form button").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync(faulty);
        await Expect(page.Locator("input[name=duplicate]")).ToHaveValueAsync("25");
        await LookAtAsync(page, $"market-seller-faults-{language}");
        await page.Locator("button[name=reset]").ClickAsync();
        await Expect(page.Locator("input[name=duplicate]")).ToHaveValueAsync("0");

        var before = await world.NowAsync();
        await page.GotoAsync("/seller/clock");
        await page.Locator("button[value='01:00:00']").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync(done);
        (await world.NowAsync() - before).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(1));
        await LookAtAsync(page, $"market-seller-clock-{language}");
    }
}
