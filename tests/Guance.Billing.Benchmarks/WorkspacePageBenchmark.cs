using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.World;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// Workspace Management in a browser, of an account with so many workspaces: from asking for the page to its first paint, and from a key pressed in the search
/// to the row that is left. Baseline: the API's answer to the same question, for a program; of the search, whose 150 ms of waiting for the next key are part
/// of the figure.
/// </summary>
internal sealed class WorkspacePageBenchmark : IBenchmark
{
    private const int Turns = 20;
    private const string Username = "bench-pages";

    private static readonly int[] Sizes = [50, 500, 5_000];

    /// <summary>When something was to be seen first, in milliseconds since the page was asked for.</summary>
    private const string FirstPaint =
        """
        async () => {
          while (performance.getEntriesByName('first-contentful-paint').length === 0) await new Promise(requestAnimationFrame);
          return performance.getEntriesByName('first-contentful-paint')[0].startTime;
        }
        """;

    /// <summary>Types into the search, and tells how many milliseconds later one row is left, and as many as before when it is emptied.</summary>
    private const string Search =
        """
        async ([text, rows]) => {
          const type = async (value, wanted) => {
            const input = document.querySelector('#workspace-search');
            const start = performance.now();
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, value);
            input.dispatchEvent(new Event('input', { bubbles: true }));
            while (document.querySelectorAll('tbody tr').length !== wanted) await new Promise(requestAnimationFrame);
            return performance.now() - start;
          };
          const took = await type(text, 1);
          await type('', rows);
          return took;
        }
        """;

    public string Name => "workspace-page";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        progress("starting a world and a browser");
        await using var own = await BenchWorld.StartAsync("pages", ct);
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium-headless-shell", Args = ["--no-sandbox"] });
        var center = own.World.Ports.BillingCenterUrl;
        var account = await RegisterAsync(own.World);
        using var program = new Person(center);
        await program.PostAsync("/api/session", new { username = Username, password = Steps.PasswordOf(Username) });
        var page = await SignedInAsync(chromium, center);
        var rows = new List<BenchmarkRow>();
        var there = 1;
        foreach (var size in Sizes)
        {
            progress(string.Create(CultureInfo.InvariantCulture, $"{size:#,##0} workspaces, {Turns} times"));
            await AddAsync(own.World, account, there, size - there, ct);
            there = size;
            var (paints, lists, searches, finds) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            // The first ones warm up.
            for (var turn = -Turns / 4; turn < Turns; turn++)
            {
                await page.GotoAsync("/workspaces");
                var paint = await page.EvaluateAsync<double>(FirstPaint);
                // What is drawn at first holds the table: it does not come later.
                await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(Math.Min(size, 50));
                await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Light or dark" })).ToBeVisibleAsync();
                var text = string.Create(CultureInfo.InvariantCulture, $"workspace {size - 1:00000}");
                var search = await page.EvaluateAsync<double>(Search, new object[] { text, Math.Min(size, 50) });
                var list = await TookAsync(() => program.GetAsync("/api/workspaces?limit=50"));
                var find = await TookAsync(() => program.GetAsync($"/api/workspaces?limit=50&q={Uri.EscapeDataString(text)}"));
                if (turn >= 0)
                {
                    paints.Add(paint);
                    lists.Add(list);
                    searches.Add(search);
                    finds.Add(find);
                }
            }

            rows.Add(Row("workspace-page first paint", size, paints, lists));
            rows.Add(Row("workspace-page search", size, searches, finds));
        }

        return rows;
    }

    private static async Task<BillingAccountId> RegisterAsync(World.World world)
    {
        var url = world.Ports.SiteUrl(SiteCode.Of(BenchWorld.Site));
        using var site = new Person(url);
        var registration = await Steps.FirstTwoStepsAsync(site, url, Username, "bench@acme.example", "new");
        var active = await Steps.ActivateAsync(
            site, registration, new { method = "billing-center", workspaceName = "workspace 00000", workspaceLanguage = "en", termsAccepted = true });
        return BillingAccountId.Of(Steps.Text(active, "billingAccountId"));
    }

    private static async Task<IPage> SignedInAsync(IBrowser chromium, string center)
    {
        var context = await chromium.NewContextAsync(new() { BaseURL = center, Locale = "en" });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await page.Locator("input[name=username]").FillAsync(Username);
        await page.Locator("input[name=password]").FillAsync(Steps.PasswordOf(Username));
        await page.Locator("form button[type=submit]").ClickAsync();
        await Assertions.Expect(page).Not.ToHaveURLAsync(new Regex("/sign-in"));
        return page;
    }

    private static Task AddAsync(World.World world, BillingAccountId account, int first, int count, CancellationToken ct)
    {
        var now = world.Deployment("billing-center").Services.GetRequiredService<TimeProvider>().GetUtcNow();
        return world.Deployment("billing-center").Services.GetRequiredService<IDocumentStore>().BindAsync(
            [
                .. Enumerable.Range(first, count).Select(number => new WorkspaceBound(
                    Ids.Deterministic<WorkspaceId>("page", number.ToString(CultureInfo.InvariantCulture)), SiteCode.Of(BenchWorld.Site), account,
                    string.Create(CultureInfo.InvariantCulture, $"workspace {number:00000}"), "en", SettlementMethod.BillingCenter, null,
                    Ids.Deterministic<RegistrationId>("page", number.ToString(CultureInfo.InvariantCulture)), now)),
            ],
            ct);
    }

    private static async Task<double> TookAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static BenchmarkRow Row(string name, int size, List<double> figures, List<double> baseline)
    {
        var (figure, of) = (P95(figures), P95(baseline));
        return new(name, size, Math.Round(figure, 1), "ms, p95", Math.Round(of, 1), Math.Round(of / figure, 3));
    }

    private static double P95(List<double> values)
    {
        values.Sort();
        return values[(int)Math.Ceiling(values.Count * 0.95) - 1];
    }
}
