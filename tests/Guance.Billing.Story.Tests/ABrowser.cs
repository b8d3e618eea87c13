using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Guance.Billing.Story.Tests;

/// <summary>The system's Chromium, one for a test class.</summary>
public sealed class ABrowser : IAsyncLifetime
{
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "screenshots");

    private IPlaywright playwright = null!;
    private IBrowser chromium = null!;

    public async ValueTask InitializeAsync()
    {
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
        return await context.NewPageAsync();
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
