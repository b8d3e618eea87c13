using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Guance.Billing.Web.Tests;

/// <summary>What a customer does in a site's pages: registers, looks after workspaces, unlocks and dissolves them.</summary>
[Collection<CustomersWorld>]
public sealed class SitePagesTests(AWorld world, ABrowser browser) : InWindows(browser)
{
    private string Cn4 => world.Places.Cn4Url;

    [Fact]
    public async Task I_register_with_my_huawei_account_see_refusals_at_their_fields_and_am_led_to_my_workspace()
    {
        var words = Says.English;
        using var me = new Customer(world.Places, world.New("wizard"));
        var (accountId, _) = await me.BuyAsync();
        var page = await WindowAsync(Cn4, "en");
        await page.GotoAsync("/");
        await LookAtAsync(page, "site-welcome-en");
        await page.GetByRole(AriaRole.Link, new() { Name = "Register the Commercial plan" }).ClickAsync();
        await Expect(page.GetByText("Select site")).ToBeVisibleAsync();

        await page.Locator("#username").FillAsync(me.Username);
        await page.Locator("#password").FillAsync("short");
        await page.Locator("#email").FillAsync(me.Email);
        await page.Locator("#phone").FillAsync("12");
        await Expect(page.Locator(".guance-meter")).ToContainTextAsync("○ 8 to 32 characters");
        await PressAsync(page, words.Next);
        await Expect(page.Locator("#password")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.GetByText("A password has 8 to 32 characters")).ToBeVisibleAsync();
        await LookAtAsync(page, "register-basics-en");
        await page.Locator("#password").FillAsync(PasswordOf(me.Username));
        await Expect(page.Locator(".guance-meter")).ToContainTextAsync("✓ 8 to 32 characters");
        await PressAsync(page, words.Next);
        await Expect(page.GetByText("Give the phone number with its country code")).ToBeVisibleAsync();
        await Expect(page.Locator("#username")).ToHaveValueAsync(me.Username);
        await page.Locator("#phone").FillAsync("");
        await PressAsync(page, words.Next);

        await Expect(page).ToHaveURLAsync(new Regex("/register/reg_[0-9a-f]{32}$"));
        await Expect(page.Locator("#mail-new-code")).ToHaveTextAsync(Countdown());
        await Expect(page.Locator("#mail-new-code")).ToBeDisabledAsync();
        var countdown = await page.Locator("#mail-new-code").InnerTextAsync();
        await Expect(page.Locator("#mail-new-code")).Not.ToHaveTextAsync(countdown, new() { IgnoreCase = true });
        await page.Locator("#code").FillAsync("12345");
        await PressAsync(page, words.Next);
        await Expect(page.GetByText("The code has 6 digits.")).ToBeVisibleAsync();
        var code = CodeIn(await MailAsync(Cn4, me.Email));
        await page.Locator("#code").FillAsync(code == "000000" ? "000001" : "000000");
        await PressAsync(page, words.Next);
        await Expect(page.GetByText("Tries left: 4.")).ToBeVisibleAsync();
        await LookAtAsync(page, "register-code-en");
        await page.Locator("#code").FillAsync(code);
        await PressAsync(page, words.Next);

        await page.Locator("#companyName").FillAsync("ACME Ltd.");
        await PressAsync(page, words.Register);
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Read and accept the agreements to register.");
        await page.GetByLabel(words.AcceptAgreements).CheckAsync();
        await PressAsync(page, words.MoreInformation);
        await page.Locator("#contactEmail").FillAsync("nobody");
        await PressAsync(page, words.Register);
        await Expect(page.Locator("#contactEmail")).ToHaveAttributeAsync("aria-invalid", "true");
        await LookAtAsync(page, "register-company-en");
        await page.Locator("#contactEmail").FillAsync("");
        await PressAsync(page, words.Register);

        // The console account exists, and the browser is signed in to it.
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = words.Huawei })).ToBeCheckedAsync();
        await page.Locator("#workspaceName").FillAsync("Shop");
        await page.Locator("#cloudAccountId").FillAsync("0123456789abcdef0123456789abcdef");
        await page.GetByLabel(words.AcceptTerms).CheckAsync();
        await LookAtAsync(page, "register-activation-en");
        await PressAsync(page, words.Activate);
        await Expect(page.Locator("#cloudAccountId")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.GetByText("The activation was refused")).ToBeVisibleAsync();
        await Expect(page.Locator("#workspaceName")).ToHaveValueAsync("Shop");
        await LookAtAsync(page, "register-refused-en");
        await page.Locator("#cloudAccountId").FillAsync(accountId);
        await PressAsync(page, words.Activate);

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = words.Successful })).ToBeVisibleAsync();
        await LookAtAsync(page, "register-done-en");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Billing Center" })).ToHaveAttributeAsync("href", world.Places.BillingCenterUrl);
    }

    [Fact]
    public async Task I_stop_on_the_way_go_on_in_a_new_window_and_on_a_phone_and_wait_for_the_billing_center_in_chinese()
    {
        var words = Says.Chinese;
        using var me = new Customer(world.Places, world.New("resume"));
        await me.RegisterAsync(world.Places.Za1Url);
        var page = await WindowAsync(Cn4, "zh-CN");
        await page.GotoAsync("/register");
        await page.Locator("#username").FillAsync(me.Username);
        await page.Locator("#password").FillAsync(PasswordOf(me.Username));
        await page.Locator("#email").FillAsync(me.Email);
        await PressAsync(page, words.Next);
        // The username is a billing account's already: the customer has one.
        await Expect(page.Locator("#username")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.GetByText("该用户名已被费用中心账号使用")).ToBeVisibleAsync();
        await page.GetByLabel(words.HaveBillingAccount).CheckAsync();
        await LookAtAsync(page, "register-basics-zh");
        await PressAsync(page, words.Next);
        await Expect(page.Locator("#mail-new-code")).ToHaveTextAsync(Countdown());
        await LookAtAsync(page, "register-code-zh");

        // The window is closed; the browser remembers.
        var again = await page.Context.NewPageAsync();
        await page.CloseAsync();
        await again.GotoAsync("/register");
        await Expect(again.GetByText($"您已用用户名 {me.Username} 开始注册。")).ToBeVisibleAsync();
        await again.GetByRole(AriaRole.Link, new() { Name = "继续" }).ClickAsync();
        await again.Locator("#code").FillAsync(CodeIn(await MailAsync(Cn4, me.Email)));
        await PressAsync(again, words.Next);
        await again.Locator("#companyName").FillAsync("示例公司");
        await again.GetByLabel(words.AcceptAgreements).CheckAsync();
        await LookAtAsync(again, "register-company-zh");
        await PressAsync(again, words.Register);
        await Expect(again.Locator("#workspaceName")).ToBeVisibleAsync();

        // On the phone there is the account alone: signing in leads on to step 3.
        var elsewhere = await WindowAsync(Cn4, "zh-CN");
        await elsewhere.SetViewportSizeAsync(390, 844);
        await elsewhere.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await SignInAsync(elsewhere, me.Username, "/");
        await Expect(elsewhere).ToHaveURLAsync(new Regex("/register/reg_"));
        await elsewhere.GetByRole(AriaRole.Radio, new() { Name = words.BillingCenter }).CheckAsync();
        await elsewhere.Locator("#workspaceName").FillAsync("商店");
        await Expect(elsewhere.GetByRole(AriaRole.Radio, new() { Name = "绑定已有账号" })).ToBeCheckedAsync();
        await elsewhere.Locator("#billingUsername").FillAsync(me.Username);
        await elsewhere.GetByLabel(words.AcceptTerms).CheckAsync();
        await PressAsync(elsewhere, words.Activate);
        await Expect(elsewhere.GetByText("请输入发送到费用中心账号邮箱的验证码")).ToBeVisibleAsync();
        await PressAsync(elsewhere, "发送验证码");
        await Expect(elsewhere.Locator("#mail-code")).ToHaveTextAsync(Countdown());
        await LookAtAsync(elsewhere, "register-activation-zh");
        await elsewhere.Locator("#billingCode").FillAsync(CodeIn(await MailAsync(world.Places.BillingCenterUrl, me.Email)));
        await world.World.StopDeploymentAsync("billing-center", TestContext.Current.CancellationToken);
        try
        {
            await PressAsync(elsewhere, words.Activate);
            await Expect(elsewhere.GetByText("您可以关闭此页面")).ToBeVisibleAsync();
            await LookAtAsync(elsewhere, "register-wait-zh");
        }
        finally
        {
            await world.World.StartDeploymentAsync("billing-center", TestContext.Current.CancellationToken);
        }

        await Expect(elsewhere.GetByRole(AriaRole.Heading, new() { Name = words.Successful })).ToBeVisibleAsync();
        await LookAtAsync(elsewhere, "register-done-zh");
    }

    [Fact]
    public async Task I_see_what_my_workspace_uses_and_unlock_it_by_a_link_when_its_purchase_was_closed()
    {
        using var me = new Customer(world.Places, world.New("unlocks"));
        var (accountId, instanceId) = await me.BuyAsync();
        var id = await me.RegisterWithHuaweiAsync(Cn4, accountId);
        using var staff = await Person.ProgramAsync(Cn4, world.Places.BillingCenterUrl, "dev-operator", "dev-operator-secret");
        var page = await WindowAsync(Cn4, "en");
        await page.GotoAsync("/my-workspaces");
        await SignInAsync(page, me.Username, "/my-workspaces");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync(accountId);
        await LookAtAsync(page, "my-workspaces-en");
        await page.GetByRole(AriaRole.Link, new() { Name = $"{me.Username} workspace" }).ClickAsync();
        await Expect(page.Locator(".guance-sample")).ToContainTextAsync(id);
        await LookAtAsync(page, "my-workspace-empty-en");

        var began = await NowAsync(staff);
        await staff.PostAsync("/dev/clock", new { advance = "08:00:00" });
        var events = Enumerable.Range(0, 8).SelectMany(hour => new[]
        {
            Event($"logs-{hour}", "logs", 1000 * (hour + 1), 7), Event($"long-{hour}", "logs", 500 * (8 - hour), 30), Event($"series-{hour}", "time-series", 3000 + (hour % 3 * 700), 3),
            Event($"calls-{hour}", "task-calls", hour * hour, null),
        }).ToArray();
        (await staff.PostAsync("/api/usage", events))["accepted"]!.GetValue<int>().ShouldBe(events.Length);
        await PressAsync(page, "7 days");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Logs" })).ToBeVisibleAsync();
        await Expect(page.Locator(".guance-bars").First.Locator("rect")).ToHaveCountAsync(7);
        await PressAsync(page, "24 hours");
        await Expect(page.Locator(".guance-bars").First.Locator("rect")).ToHaveCountAsync(24);
        // Counted items add up, gauges do not.
        await Expect(page.Locator(".guance-charts")).ToContainTextAsync("54,000 in all");
        await Expect(page.Locator(".guance-charts")).ToContainTextAsync("4,400 at most");
        await page.GetByText("As a table").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Logs" }).GetByRole(AriaRole.Row)).ToHaveCountAsync(9);
        await LookAtAsync(page, "my-workspace-en");

        await me.CloseResourceAsync(instanceId);
        await me.SeesAtSiteAsync(Cn4, id, "the workspace is locked", seen => seen.LockState() == "locked");
        await page.GotoAsync("/my-workspaces");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("13 d 23 h left of the buffer");
        await page.GetByRole(AriaRole.Link, new() { Name = "Unlock or dissolve" }).ClickAsync();
        await Expect(page.GetByText("was closed on the cloud market")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Timer)).ToContainTextAsync("13 days");
        var seconds = await page.GetByRole(AriaRole.Timer).InnerTextAsync();
        await Expect(page.GetByRole(AriaRole.Timer)).Not.ToHaveTextAsync(seconds);
        await LookAtAsync(page, "locked-en");
        await PressAsync(page, "Unlock Now");
        await Expect(page).ToHaveURLAsync(new Regex($"^{world.Places.BillingCenterUrl}/unlock/"));
        await PressAsync(page, "Unlock Now");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "is unlocked" })).ToBeVisibleAsync();
        await me.SeesAtSiteAsync(Cn4, id, "the workspace is unlocked", seen => seen.LockState() == "normal");
        await page.GotoAsync($"/workspaces/{id}/locked");
        await Expect(page.GetByText("There is nothing to unlock.")).ToBeVisibleAsync();

        object Event(string eventId, string item, decimal quantity, int? retentionDays)
        {
            var hour = int.Parse(eventId[^1..], System.Globalization.CultureInfo.InvariantCulture);
            return new { id = eventId, workspaceId = id, item, quantity, time = began.AddHours(hour).AddMinutes(1), retentionDays };
        }
    }

    [Fact]
    public async Task I_am_told_what_an_operators_lock_and_an_expiry_mean_and_dissolve_my_workspace_by_typing_its_name_in_chinese()
    {
        using var me = new Customer(world.Places, world.New("dissolves"));
        var id = await me.RegisterAsync(Cn4);
        using var staff = await Person.ProgramAsync(world.Places.BillingCenterUrl, world.Places.BillingCenterUrl, "dev-operator", "dev-operator-secret");
        var page = await WindowAsync(Cn4, "zh-CN");
        await SignInAsync(page, me.Username, $"/my-workspaces/{id}");
        await Expect(page.GetByText("该时间范围内没有用量。")).ToBeVisibleAsync();
        await LookAtAsync(page, "my-workspace-zh");
        await staff.PostAsync($"/api/operator/workspaces/{id}/lock", new { reason = "review" });
        await me.SeesAtSiteAsync(Cn4, id, "the workspace is locked", seen => seen.LockState() == "locked");
        await page.GotoAsync("/my-workspaces");
        await LookAtAsync(page, "my-workspaces-zh");
        await page.GetByRole(AriaRole.Link, new() { Name = "解锁或解散" }).ClickAsync();
        await Expect(page.GetByText("请联系您的客户经理解锁")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "立即解锁" })).ToHaveCountAsync(0);
        await LookAtAsync(page, "locked-zh");

        await staff.PostAsync("/dev/clock", new { advance = "14.00:00:01" });
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "已过期" })).ToBeVisibleAsync();
        await LookAtAsync(page, "expired-zh");
        await PressAsync(page, "解散");
        var dissolve = page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "解散", Exact = true });
        await Expect(dissolve).ToBeDisabledAsync();
        await page.Locator("#confirmName").FillAsync("something else");
        await Expect(dissolve).ToBeDisabledAsync();
        await page.Locator("#confirmName").FillAsync($"{me.Username} workspace");
        await Expect(dissolve).ToBeEnabledAsync();
        await LookAtAsync(page, "dissolve-zh");
        await dissolve.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "已解散" })).ToBeVisibleAsync();
        (await me.At(Cn4).GetAsync($"/api/workspaces/{id}")).LockState().ShouldBe("dissolved");
        await page.GotoAsync("/my-workspaces/wksp_0123456789abcdef0123456789abcdef");
        await Expect(page.GetByText("您没有此工作空间")).ToBeVisibleAsync();

        // Nor does the address of somebody else's registration show me anything.
        using var other = new Customer(world.Places, world.New("other"));
        var theirs = await FirstTwoStepsAsync(other.At(Cn4), Cn4, other.Username, other.Email, "new");
        await page.GotoAsync($"/register/{theirs}");
        await Expect(page.GetByText("没有此注册")).ToBeVisibleAsync();
        await Expect(page.GetByText(other.Username)).ToHaveCountAsync(0);

        // Who knows it may go on, as the API has it; it opens a session only in the first minutes, when its own browser asks for one.
        await staff.PostAsync("/dev/clock", new { advance = "00:09:00" });
        await Expect((await AskForSessionAsync(theirs)).GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();
        await staff.PostAsync("/dev/clock", new { advance = "00:02:00" });
        var late = await AskForSessionAsync(theirs);
        await Expect(late.Locator("#workspaceName")).ToBeVisibleAsync();
        await Expect(late.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToHaveCountAsync(0);

        async Task<IPage> AskForSessionAsync(string registration)
        {
            var stranger = await WindowAsync(Cn4, "en");
            await OpenAsync(stranger, $"/register/{registration}");
            await stranger.RunAndWaitForResponseAsync(
                () => stranger.Locator("#registration-session").EvaluateAsync("form => form.requestSubmit()"), answer => answer.Request.RedirectedFrom is not null);
            // In another tab: the first one is still being led back.
            var after = await stranger.Context.NewPageAsync();
            await after.GotoAsync($"/register/{registration}");
            return after;
        }
    }

    private static async Task<DateTimeOffset> NowAsync(Person staff) =>
        DateTimeOffset.Parse(Text(await staff.GetAsync("/dev/clock"), "now"), System.Globalization.CultureInfo.InvariantCulture);

    private static Regex Countdown() => new("[0-9]+ (?:s|秒后)");

    private static Task PressAsync(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

    private static async Task SignInAsync(IPage page, string username, string back)
    {
        await page.GotoAsync($"/sign-in?back={Uri.EscapeDataString(back)}");
        await page.Locator("input[name=username]").FillAsync(username);
        await page.Locator("input[name=password]").FillAsync(PasswordOf(username));
        await page.Locator("button[type=submit]").Last.ClickAsync();
    }

    /// <summary>What the pages say.</summary>
    private sealed record Says(
        string Next, string HaveBillingAccount, string AcceptAgreements, string MoreInformation, string Register, string Huawei, string BillingCenter, string AcceptTerms,
        string Activate, string Successful)
    {
        public static Says English { get; } = new(
            "Next", "I have a Billing Center account already", "I have read and accept the user agreement", "More Information", "Register", "Huawei Cloud Account Settlement",
            "Billing Center Settlement", "I have read and accept the Commercial plan agreement", "Activate", "Activation successful");

        public static Says Chinese { get; } = new(
            "下一步", "我已有费用中心账号", "我已阅读并同意《用户服务协议》", "更多信息", "注册", "华为云账号结算", "费用中心结算", "我已阅读并同意《商业版服务协议》", "开通", "开通成功");
    }
}
