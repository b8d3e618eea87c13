using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Guance.Billing.Workspaces.Contracts;

namespace Guance.Billing.Workspaces.Tests.Features;

public sealed class WorkspaceEndpointTests(Site site)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_owner_sees_how_a_workspace_is_settled_and_that_it_is_not_locked()
    {
        var id = site.NewId();
        await site.CreateAsync(id, "view-ann", "Prod 空间", "zh");
        using var ann = await site.SignedInAsync("view-ann");

        var workspace = await Json(ann, $"/api/workspaces/{id}");

        workspace.GetProperty("id").GetString().ShouldBe(id.Value);
        workspace.GetProperty("name").GetString().ShouldBe("Prod 空间");
        workspace.GetProperty("language").GetString().ShouldBe("zh");
        workspace.GetProperty("site").GetString().ShouldBe("cn4");
        workspace.GetProperty("settlementMethod").GetString().ShouldBe("huawei-cloud");
        workspace.GetProperty("cloudAccountId").GetString().ShouldBe(Domain.Fold.Huawei.AccountId);
        workspace.GetProperty("billingAccountId").GetString().ShouldBe(Domain.Fold.Account.Value);
        workspace.GetProperty("lock").ToString().ShouldBe("""{"state":"normal","reasons":[],"since":null,"bufferEndsAt":null}""");
    }

    [Fact]
    public async Task An_owner_sees_since_when_why_and_how_long_a_workspace_is_locked()
    {
        var id = site.NewId();
        var since = site.Now.AddDays(-3);
        await site.CreateAsync(id, "lock-ann");
        await site.TellAsync(site.Bound(id), site.Unlinked(id, 2), Site.Locked(id, 3, since, LockReason.SubscriptionClosed, "c-lock-ann"));
        using var ann = await site.SignedInAsync("lock-ann");

        var workspace = await Json(ann, $"/api/workspaces/{id}");

        workspace.GetProperty("settlementMethod").GetString().ShouldBe("billing-center");
        workspace.GetProperty("cloudAccountId").ValueKind.ShouldBe(JsonValueKind.Null);
        var held = workspace.GetProperty("lock");
        held.GetProperty("state").GetString().ShouldBe("locked");
        held.GetProperty("reasons").ToString().ShouldBe("""["subscription-closed"]""");
        held.GetProperty("since").GetDateTimeOffset().ShouldBe(since);
        held.GetProperty("bufferEndsAt").GetDateTimeOffset().ShouldBe(since.AddDays(14));
    }

    [Fact]
    public async Task Somebody_elses_an_unknown_and_a_not_yet_created_workspace_are_not_told_apart()
    {
        var (others, early) = (site.NewId(), site.NewId());
        await site.CreateAsync(others, "apart-bob");
        await site.TellAsync(site.Bound(early));
        using var ann = await site.SignedInAsync("apart-ann");

        foreach (var path in new[] { $"/api/workspaces/{others}", $"/api/workspaces/{early}", $"/api/workspaces/{site.NewId()}" })
        {
            await Refused(await ann.GetAsync(new Uri(path, UriKind.Relative), Ct), HttpStatusCode.NotFound, "workspace-not-found");
            await Refused(await Post(ann, path + "/dissolve", new { confirmName = "Mine" }), HttpStatusCode.NotFound, "workspace-not-found");
            await Refused(await Post(ann, path + "/unlock-link"), HttpStatusCode.NotFound, "workspace-not-found");
        }
    }

    [Fact]
    public async Task Nobody_sees_workspaces_without_signing_in()
    {
        using var nobody = site.Deployment.Browser();
        (await nobody.GetAsync(new Uri("/api/workspaces", UriKind.Relative), Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Own_workspaces_come_page_by_page_each_once()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => site.NewId()).ToArray();
        foreach (var id in ids)
        {
            await site.CreateAsync(id, "pages-ann");
        }

        await site.CreateAsync(site.NewId(), "pages-bob");
        using var ann = await site.SignedInAsync("pages-ann");

        var (seen, pages, cursor) = (new List<string>(), 0, (string?)null);
        do
        {
            var page = await Json(ann, $"/api/workspaces?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
            pages++;
        }
        while (cursor is not null);

        seen.ShouldBe(ids.Select(id => id.Value).Order(StringComparer.Ordinal));
        pages.ShouldBe(3);
    }

    [Theory]
    [InlineData("limit=0", "limit-out-of-range")]
    [InlineData("limit=201", "limit-out-of-range")]
    [InlineData("cursor=x", "cursor-unknown")]
    public async Task A_wrong_page_is_refused(string query, string code)
    {
        using var ann = await site.SignedInAsync("wrong-ann");
        await Refused(await ann.GetAsync(new Uri($"/api/workspaces?{query}", UriKind.Relative), Ct), HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task Dissolving_wants_the_exact_name_happens_once_and_is_told_to_the_Billing_Center()
    {
        var id = site.NewId();
        await site.CreateAsync(id, "end-ann", "Old one");
        using var ann = await site.SignedInAsync("end-ann");
        var path = $"/api/workspaces/{id}/dissolve";

        await Refused(await Post(ann, path, new { }), HttpStatusCode.BadRequest, "confirm-name-missing");
        await Refused(await Post(ann, path, new { confirmName = "old one" }), HttpStatusCode.UnprocessableEntity, "confirmation-mismatch");
        for (var time = 1; time <= 2; time++)
        {
            using var answer = await Post(ann, path, new { confirmName = "Old one" });
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("lock").GetProperty("state").GetString().ShouldBe("dissolved");
        }

        var told = (await site.PublishedAsync(id.Value)).ShouldHaveSingleItem().ShouldBeOfType<WorkspaceDissolvedIntegrationEvent>();
        (told.WorkspaceId, told.Site, told.By, told.SourceVersion).ShouldBe((id, Site.Code, "user:end-ann", 2));
        (await Json(ann, $"/api/workspaces/{id}")).GetProperty("lock").GetProperty("state").GetString().ShouldBe("dissolved");
    }

    [Fact]
    public async Task A_locked_or_expired_workspace_gets_an_unlock_link_from_the_Billing_Center()
    {
        foreach (var days in new[] { 1, 20 })
        {
            var id = site.NewId();
            await site.CreateAsync(id, "link-ann");
            await site.TellAsync(site.Bound(id), Site.Locked(id, 2, site.Now.AddDays(-days)));
            using var ann = await site.SignedInAsync("link-ann");

            using var answer = await Post(ann, $"/api/workspaces/{id}/unlock-link");

            var link = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Ct);
            link.GetProperty("url").GetString().ShouldBe($"https://billing.example/unlock/{id}?site=cn4&by=user:link-ann");
            link.GetProperty("expiresAt").GetDateTimeOffset().ShouldBeGreaterThan(site.Now);
        }
    }

    [Fact]
    public async Task A_workspace_that_is_not_locked_gets_no_unlock_link()
    {
        var (normal, gone) = (site.NewId(), site.NewId());
        await site.CreateAsync(normal, "nolink-ann");
        await site.CreateAsync(gone, "nolink-ann");
        await site.TellAsync(site.Bound(gone), Site.Locked(gone, 2, site.Now));
        using var ann = await site.SignedInAsync("nolink-ann");
        (await Post(ann, $"/api/workspaces/{gone}/dissolve", new { confirmName = "Mine" })).EnsureSuccessStatusCode();

        await Refused(await Post(ann, $"/api/workspaces/{normal}/unlock-link"), HttpStatusCode.Conflict, "not-locked");
        await Refused(await Post(ann, $"/api/workspaces/{gone}/unlock-link"), HttpStatusCode.Conflict, "not-locked");
    }

    [Fact]
    public async Task While_the_Billing_Center_is_away_the_unlock_link_says_so()
    {
        var id = site.NewId();
        await site.CreateAsync(id, "away-ann");
        await site.TellAsync(site.Bound(id), Site.Locked(id, 2, site.Now));
        site.BillingCenter.OutOfReachFor.Add(id);
        using var ann = await site.SignedInAsync("away-ann");

        await Refused(await Post(ann, $"/api/workspaces/{id}/unlock-link"), HttpStatusCode.ServiceUnavailable, "billing-center-unreachable");
    }

    private static Task<HttpResponseMessage> Post(HttpClient client, string path, object? body = null) =>
        client.PostAsync(new Uri(path, UriKind.Relative), body is null ? null : JsonContent.Create(body), Ct);

    private static Task<JsonElement> Json(HttpClient client, string path) => client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), Ct);

    private static async Task Refused(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        using (answer)
        {
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
            (answer.StatusCode, problem.GetProperty("code").GetString()).ShouldBe((status, code));
            problem.GetProperty("detail").GetString().ShouldNotBeNullOrWhiteSpace();
        }
    }
}
