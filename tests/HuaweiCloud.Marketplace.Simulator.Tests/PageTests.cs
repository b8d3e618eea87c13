using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

/// <summary>What the pages answer to a browser that does not do what they offer.</summary>
public sealed partial class PageTests
{
    [Fact]
    public async Task What_another_account_bought_is_not_there_and_cannot_be_closed()
    {
        await using var market = await MarketFixture.StartAsync();
        var instance = await market.RunningAsync();
        using var browser = new Browser(market);
        await browser.UseAccountAsync("Somebody else");
        foreach (var path in new[] { $"/purchased/{instance}", $"/purchased/{instance}/close", "/purchased/unheard-of", "/submitted/unheard-of", "/buy/unheard-of" })
        {
            var page = await browser.GetAsync(path);
            page.ShouldContain("There is nothing of the kind", customMessage: path);
            page.ShouldNotContain("Application Information");
        }

        var after = await browser.SendAsync("/account", $"/purchased/{instance}/close");
        after.ShouldContain("There is nothing of the kind");
        (await market.InstanceAsync(instance)).GetProperty("status").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task A_refusal_is_said_in_the_readers_language_and_a_page_never_repeats_what_its_address_says()
    {
        await using var market = await MarketFixture.StartAsync();
        var instance = await market.RunningAsync();
        using var browser = new Browser(market, "zh-CN");
        (await browser.SendAsync("/seller/instances", $"/seller/instances/{instance}/unfreeze")).ShouldContain("该实例未冻结。");
        (await browser.SendAsync("/seller/faults", "/seller/faults", ("duplicate", "a lot"))).ShouldContain("未作更改");
        (await browser.SendAsync("/seller/faults", "/seller/faults", ("delayMs", "1.5"))).ShouldContain("未作更改");
        (await browser.GetAsync("/seller?problem=Call+this+number")).ShouldNotContain("<div class=\"alert\" role=\"alert\">Call this number");
    }

    [Fact]
    public async Task A_form_of_before_the_market_began_anew_comes_again()
    {
        await using var market = await MarketFixture.StartAsync();
        using var browser = new Browser(market);
        await browser.GetAsync("/seller/faults");
        (await browser.SendAsync("/seller/faults", "/seller/faults", ("__RequestVerificationToken", "of another life"))).ShouldContain("The form was too old, so nothing was done.");
    }

    [Fact]
    public async Task Moving_the_clock_goes_on_when_the_page_is_left_and_the_page_says_how_far_it_is()
    {
        var mayEnd = new TaskCompletionSource();
        var cancelled = false;
        await using var market = await MarketFixture.StartAsync(moveClock: async (_, cancel) =>
        {
            await mayEnd.Task;
            cancelled = cancel.IsCancellationRequested;
        });
        using var browser = new Browser(market);
        (await browser.SendAsync("/seller/clock", "/seller/clock", ("advance", "1.00:00:00"))).ShouldContain("The clock moves by 1.00:00:00.");
        (await browser.SendAsync("/seller/clock", "/seller/clock", ("advance", "01:00:00"))).ShouldContain("The clock is being moved already");
        mayEnd.SetResult();
        await MarketFixture.EventuallyAsync(() => browser.GetAsync("/seller/clock"), seen => seen.Contains("was moved by 1.00:00:00", StringComparison.Ordinal), "the page says that it is done");
        cancelled.ShouldBeFalse();
    }

    /// <summary>Keeps cookies, follows where it is led, and sends forms with the token of the page that they are on.</summary>
    private sealed partial class Browser : IDisposable
    {
        private readonly HttpClient http;

        public Browser(MarketFixture market, string language = "en")
        {
            http = new(new HttpClientHandler { CookieContainer = new() }) { BaseAddress = market.Http.BaseAddress };
            http.DefaultRequestHeaders.AcceptLanguage.Add(new StringWithQualityHeaderValue(language));
        }

        public async Task<string> GetAsync(string path)
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        public Task<string> UseAccountAsync(string name) => SendAsync("/account", "/account", ("name", name), ("email", "somebody@example.com"));

        /// <summary>Sends the page's form; the answer is the page that it led to.</summary>
        public async Task<string> SendAsync(string from, string to, params (string Name, string Value)[] fields)
        {
            var form = new Dictionary<string, string> { ["__RequestVerificationToken"] = Token().Match(await GetAsync(from)).Groups["token"].Value };
            foreach (var (name, value) in fields)
                form[name] = value;
            using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = new FormUrlEncodedContent(form) };
            request.Headers.Referrer = new Uri(http.BaseAddress!, from);
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        public void Dispose() => http.Dispose();

        [GeneratedRegex("""name="__RequestVerificationToken" value="(?<token>[^"]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex Token();
    }
}
