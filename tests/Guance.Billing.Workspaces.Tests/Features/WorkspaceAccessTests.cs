using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Guance.Billing.Workspaces.Tests.Features;

public sealed class WorkspaceAccessTests(Site site)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_data_plane_learns_what_may_be_done_why_and_until_when()
    {
        var (normal, locked, expired) = (site.NewId(), site.NewId(), site.NewId());
        foreach (var id in new[] { normal, locked, expired })
        {
            await site.CreateAsync(id, "access-ann");
        }

        var since = site.Now.AddDays(-1);
        await site.TellAsync(site.Bound(locked), Site.Locked(locked, 2, since, LockReason.SubscriptionFrozen), Site.Locked(expired, 2, site.Now.AddDays(-14)));
        using var client = site.DataPlane();

        (await Access(client, normal)).ShouldBe("""{"state":"normal","mayIngest":true,"mayView":true,"reasons":[],"until":null}""");
        (await Access(client, locked)).ShouldBe(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"state":"locked","mayIngest":true,"mayView":true,"reasons":["subscription-frozen"],"until":"{{since.AddDays(14):yyyy-MM-ddTHH:mm:sszzz}}"}"""));
        (await Access(client, expired)).ShouldBe("""{"state":"expired","mayIngest":false,"mayView":false,"reasons":["arrears"],"until":null}""");
    }

    [Fact]
    public async Task An_unknown_or_not_yet_created_workspace_has_no_access()
    {
        var early = site.NewId();
        await site.TellAsync(site.Bound(early));
        using var client = site.DataPlane();
        foreach (var id in new[] { early, site.NewId() })
        {
            using var answer = await client.GetAsync(Path(id), Ct);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task People_and_strangers_are_not_the_data_plane()
    {
        using var ann = await site.SignedInAsync("strange-ann");
        (await ann.GetAsync(Path(site.NewId()), Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var nobody = site.Deployment.Browser();
        (await nobody.GetAsync(Path(site.NewId()), Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Access_is_answered_within_milliseconds()
    {
        var id = site.NewId();
        await site.CreateAsync(id, "fast-ann");
        using var client = site.DataPlane();
        var times = new List<double>();
        for (var call = 0; call < 600; call++)
        {
            var start = TimeProvider.System.GetTimestamp();
            (await client.GetAsync(Path(id), Ct)).EnsureSuccessStatusCode().Dispose();
            if (call >= 100)
            {
                times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine($"access: p50 {times[times.Count / 2]:0.00} ms, p99 {times[times.Count * 99 / 100]:0.00} ms");
    }

    private static Uri Path(WorkspaceId id) => new($"/api/workspaces/{id}/access", UriKind.Relative);

    private static async Task<string> Access(HttpClient client, WorkspaceId id) => (await client.GetFromJsonAsync<JsonElement>(Path(id), Ct)).GetRawText();
}
