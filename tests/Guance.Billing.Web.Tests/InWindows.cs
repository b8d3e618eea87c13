using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Guance.Billing.Web.Tests;

/// <summary>Tests of pages, in windows that are closed when each ends: a page that is left open goes on working.</summary>
public abstract class InWindows(ABrowser browser) : IAsyncDisposable
{
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "screenshots");

    private readonly List<IBrowserContext> opened = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var context in opened)
        {
            await context.CloseAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A window of somebody who reads this language and has not been here before.</summary>
    private protected async Task<IPage> WindowAsync(string url, string language)
    {
        var context = await browser.ForSomebodyAsync(url, language);
        opened.Add(context);
        return await context.NewPageAsync();
    }

    /// <summary>A window of somebody who has signed in to the Billing Center, or to a site, and sees the first page.</summary>
    private protected async Task<IPage> SignedInAsync(string url, string language, string username)
    {
        var page = await WindowAsync(url, language);
        await page.GotoAsync("/sign-in");
        await page.Locator("input[name=username]").FillAsync(username);
        await page.Locator("input[name=password]").FillAsync(PasswordOf(username));
        await page.Locator("form button[type=submit]").ClickAsync();
        // Not WaitForURLAsync: it misses the load that happens between its look at the page and its listening, and waits until its time is up.
        await Assertions.Expect(page).Not.ToHaveURLAsync(new Regex("/sign-in"));
        await UsableAsync(page);
        return page;
    }

    /// <summary>Goes to a page and waits until it can be used: what the server drew first cannot be clicked yet.</summary>
    private protected static async Task OpenAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        await UsableAsync(page);
    }

    /// <summary>Waits until the page's circuit is there: only then the button for light and dark is.</summary>
    private protected static Task UsableAsync(IPage page) => Assertions.Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Light or dark|浅色或深色)$") })).ToBeVisibleAsync();

    /// <summary>Takes a picture of the page, and has axe look for what hinders people.</summary>
    private protected static async Task LookAtAsync(IPage page, string picture)
    {
        Directory.CreateDirectory(Pictures);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{picture}.png"), FullPage = true });
#pragma warning disable CS0618 // The other way opens a window of its own for each look and is for frames of other origins, which our pages have none of: 2.2 s a look instead of 0.9.
        var found = await page.RunAxeLegacy(options: new() { ResultTypes = [ResultType.Violations] });
#pragma warning restore CS0618
        found.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {violation.Help} ({string.Join("; ", violation.Nodes.Select(node => node.Html))})").ShouldBeEmpty(picture);
    }
}
