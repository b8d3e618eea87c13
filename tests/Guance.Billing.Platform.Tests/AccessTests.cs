using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Guance.Billing.Platform.Access;
using Guance.Billing.TestKit;

namespace Guance.Billing.Platform.Tests;

public sealed class AccessTests(NotesDeployment notes)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_has_not_signed_in_reaches_only_what_is_for_anyone()
    {
        using var browser = notes.Deployment.Browser();

        (await browser.GetStringAsync("/api/anyone", Cancel)).ShouldBe("anonymous");
        foreach (var path in new[] { "/api/console", "/api/billing", "/api/operators" })
        {
            using var answer = await browser.GetAsync(path, Cancel);
            await answer.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "not-signed-in");
            answer.Headers.WwwAuthenticate.ShouldContain(challenge => challenge.Scheme == "Bearer");
        }
    }

    [Fact]
    public async Task A_session_lets_its_kind_of_user_in_until_it_is_ended()
    {
        using var browser = notes.Deployment.Browser();

        await browser.SignInAsync(CallerKind.BillingUser, "wang");
        (await browser.GetStringAsync("/api/billing", Cancel)).ShouldBe("user:wang");
        await (await browser.GetAsync("/api/console", Cancel)).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "not-signed-in");
        await (await browser.GetAsync("/api/operators", Cancel)).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "not-signed-in");

        await browser.SignInAsync(CallerKind.ConsoleUser, "li");
        (await browser.GetStringAsync("/api/console", Cancel)).ShouldBe("user:li");
        await (await browser.GetAsync("/api/billing", Cancel)).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "not-signed-in");

        (await browser.DeleteAsync("/api/session", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await browser.GetStringAsync("/api/anyone", Cancel)).ShouldBe("anonymous");
    }

    [Fact]
    public async Task The_session_cookie_is_the_deployments_own_and_kept_from_scripts_and_other_sites()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = notes.Deployment.Url };

        using var answer = await client.PostAsJsonAsync("/api/session", new { kind = (int)CallerKind.BillingUser, name = "wang" }, Cancel);

        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldStartWith("guance_billing-center=");
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=strict");
    }

    [Fact]
    public async Task Moving_the_clock_of_the_business_signs_nobody_out_and_ends_no_token()
    {
        await using var deployment = await TestDeployment.StartAsync([new NotesModule()]);
        using var browser = deployment.Browser();
        await browser.SignInAsync(CallerKind.BillingUser, "wang");
        using var client = await deployment.Browser().WithTokenAsync();

        await deployment.AdvanceAsync(TimeSpan.FromDays(40));

        (await browser.GetStringAsync("/api/billing", Cancel)).ShouldBe("user:wang");
        (await client.GetStringAsync("/api/operators", Cancel)).ShouldBe("client:test-operator");
        using var later = await deployment.Browser().WithTokenAsync();
        (await later.GetStringAsync("/api/operators", Cancel)).ShouldBe("client:test-operator");
    }

    [Fact]
    public async Task A_client_gets_a_token_for_an_hour_with_the_scopes_it_asks_for_or_all_it_has()
    {
        using var client = notes.Deployment.Browser();

        var one = await (await client.TokenAsync("test-operator", "test-operator-secret", "billing.read")).Content.ReadFromJsonAsync<JsonObject>(Cancel);
        one!["token_type"]!.GetValue<string>().ShouldBe("Bearer");
        one["expires_in"]!.GetValue<int>().ShouldBeInRange(3590, 3600);
        client.DefaultRequestHeaders.Authorization = new("Bearer", one["access_token"]!.GetValue<string>());
        (await client.GetStringAsync("/api/billing", Cancel)).ShouldBe("client:test-operator");
        var missing = await (await client.GetAsync("/api/operators", Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "scope-missing");
        missing["scopes"]!.AsArray().Single()!.GetValue<string>().ShouldBe("operator");
        await (await client.GetAsync("/api/people", Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "not-allowed");

        using var all = await notes.Deployment.Browser().WithTokenAsync();
        (await all.GetStringAsync("/api/operators", Cancel)).ShouldBe("client:test-operator");
    }

    [Theory]
    [InlineData("test-operator", "wrong", null, "invalid_client")]
    [InlineData("nobody", "test-operator-secret", null, "invalid_client")]
    [InlineData("test-operator", "test-operator-secret", "everything", "invalid_scope")]
    public async Task A_token_is_refused_in_the_words_of_OAuth(string id, string secret, string? scope, string error)
    {
        using var client = notes.Deployment.Browser();

        using var answer = await client.TokenAsync(id, secret, scope);

        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized);
        (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["error"]!.GetValue<string>().ShouldBe(error);
    }

    [Fact]
    public async Task A_site_checks_the_Billing_Centers_tokens_by_itself()
    {
        // Nothing listens at the Billing Center's address that the site knows.
        await using var site = await TestDeployment.StartAsync([new NotesModule()], site: "cn4");
        using var client = await notes.Deployment.Browser().WithTokenAsync();

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(site.Url, "/api/operators")) { Headers = { Authorization = client.DefaultRequestHeaders.Authorization } };
        using var atSite = await client.SendAsync(request, Cancel);

        (await atSite.Content.ReadAsStringAsync(Cancel)).ShouldBe("client:test-operator");
        using var noTokens = site.Browser();
        await (await noTokens.PostAsync("/connect/token", null, Cancel)).ShouldBeProblemAsync(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_token_that_was_signed_by_another_key_or_changed_is_worth_nothing()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var stranger = await TestDeployment.StartAsync([new NotesModule()], settings: new Dictionary<string, string?>
        {
            ["Access:SigningKey"] = other.ExportPkcs8PrivateKeyPem(),
            ["Access:IssuerPublicKey"] = other.ExportSubjectPublicKeyInfoPem(),
        });
        using var strangers = await stranger.Browser().WithTokenAsync();
        using var own = await notes.Deployment.Browser().WithTokenAsync();
        var changed = own.DefaultRequestHeaders.Authorization!.Parameter!.Split('.');
        changed[1] = strangers.DefaultRequestHeaders.Authorization!.Parameter!.Split('.')[1];

        foreach (var token in new[] { strangers.DefaultRequestHeaders.Authorization.Parameter, string.Join('.', changed), "nonsense", "" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(notes.Deployment.Url, "/api/operators")) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
            await (await own.SendAsync(request, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "not-signed-in");
        }
    }

    [Fact]
    public async Task The_clients_are_those_of_the_settings_at_the_last_start()
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        var settings = Start.Settings(database);
        settings["Access:Clients:1:Id"] = "for-a-while";
        settings["Access:Clients:1:Secret"] = "for-a-while-secret";
        settings["Access:Clients:1:Scopes"] = "access.read";
        await using (var first = await Start.RunAsync(settings))
        {
            (await first.Browser().TokenAsync("for-a-while", "for-a-while-secret")).StatusCode.ShouldBe(HttpStatusCode.OK);
            await first.StopAsync(Cancel);
        }

        settings["Access:Clients:0:Secret"] = "another-secret";
        foreach (var key in new[] { "Id", "Secret", "Scopes" })
        {
            settings.Remove($"Access:Clients:1:{key}");
        }

        await using var second = await Start.RunAsync(settings);
        using var client = second.Browser();
        (await client.TokenAsync("test-operator", "another-secret")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.TokenAsync("test-operator", "test-operator-secret")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.TokenAsync("for-a-while", "for-a-while-secret")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await second.StopAsync(Cancel);
    }

    [Fact]
    public async Task Guessing_is_slowed_down()
    {
        await using var deployment = await TestDeployment.StartAsync([new NotesModule()], settings: new Dictionary<string, string?> { ["Access:GuessesPerMinute"] = "3" });
        using var client = deployment.Browser();

        for (var guess = 0; guess < 3; guess++)
        {
            (await client.PostAsync("/api/guess", null, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using var refused = await client.PostAsync("/api/guess", null, Cancel);
        await refused.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, "too-many-requests");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        (await client.GetAsync("/api/anyone", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
