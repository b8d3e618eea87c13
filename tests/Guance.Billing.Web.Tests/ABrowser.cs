using Microsoft.Playwright;

namespace Guance.Billing.Web.Tests;

/// <summary>The system's Chromium without a window, one for all tests.</summary>
public sealed class ABrowser : IAsyncLifetime
{
    /// <summary>As long as a slow machine may take that does other things as well.</summary>
    private const float PatienceMs = 90_000;

    private IPlaywright playwright = null!;
    private IBrowser chromium = null!;

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        playwright = await Playwright.CreateAsync();
        chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium-headless-shell", Args = ["--no-sandbox"] });
    }

    public async ValueTask DisposeAsync()
    {
        await chromium.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>What somebody has who reads this language: cookies and windows of their own, in which nothing moves, so that what is looked at is what stays.</summary>
    internal async Task<IBrowserContext> ForSomebodyAsync(string url, string language)
    {
        var context = await chromium.NewContextAsync(new() { BaseURL = url, Locale = language, TimezoneId = "Africa/Johannesburg", ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(PatienceMs);
        return context;
    }
}
