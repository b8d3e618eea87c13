using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Guance.Billing.Web.Tests;

/// <summary>The system's Chromium, one for a test class.</summary>
public sealed class ABrowser : IAsyncLifetime
{
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "screenshots");

    /// <summary>As long as a slow machine may take that does other things as well.</summary>
    private const float PatienceMs = 90_000;

    private IPlaywright playwright = null!;
    private IBrowser chromium = null!;

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        playwright = await Playwright.CreateAsync();
        chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium", Args = ["--no-sandbox"] });
    }

    public async ValueTask DisposeAsync()
    {
        await chromium.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>A window of somebody who reads this language, in which nothing moves: what is looked at is what stays.</summary>
    internal async Task<IPage> WindowAsync(string url, string language)
    {
        var context = await chromium.NewContextAsync(new() { BaseURL = url, Locale = language, TimezoneId = "Africa/Johannesburg", ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(PatienceMs);
        return await context.NewPageAsync();
    }

    /// <summary>Goes to a page and waits until it can be used: what the server drew first cannot be clicked yet.</summary>
    internal static async Task OpenAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        await UsableAsync(page);
    }

    /// <summary>Waits until the page's circuit is there: only then the button for light and dark is.</summary>
    internal static Task UsableAsync(IPage page) => Assertions.Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Light or dark|浅色或深色)$") })).ToBeVisibleAsync();

    /// <summary>A window of somebody who has signed in to the Billing Center, or to a site, and sees the first page.</summary>
    internal async Task<IPage> SignedInAsync(string url, string language, string username)
    {
        var page = await WindowAsync(url, language);
        await page.GotoAsync("/sign-in");
        await page.Locator("input[name=username]").FillAsync(username);
        await page.Locator("input[name=password]").FillAsync(PasswordOf(username));
        await page.Locator("form button[type=submit]").ClickAsync();
        await page.WaitForURLAsync(address => !address.Contains("/sign-in", StringComparison.Ordinal));
        await UsableAsync(page);
        return page;
    }

    /// <summary>Takes a picture of the page, and has axe look for what hinders people.</summary>
    internal static async Task LookAtAsync(IPage page, string picture)
    {
        Directory.CreateDirectory(Pictures);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{picture}.png"), FullPage = true });
        var found = await page.RunAxe();
        found.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {violation.Help} ({string.Join("; ", violation.Nodes.Select(node => node.Html))})").ShouldBeEmpty(picture);
    }
}
