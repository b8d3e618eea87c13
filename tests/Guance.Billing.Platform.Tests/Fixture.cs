using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Guance.Billing.Platform.Access;
using Guance.Billing.Sites;
using Guance.Billing.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(Guance.Billing.Platform.Tests.NotesDeployment))]

namespace Guance.Billing.Platform.Tests;

/// <summary>One Billing Center with the notes module that the tests share; each writes notes of its own.</summary>
public sealed class NotesDeployment : IAsyncLifetime
{
    private TestDeployment? deployment;

    internal TestDeployment Deployment => deployment ?? throw new InvalidOperationException("Not started.");

    internal Observed Observed => Deployment.Services.GetRequiredService<Observed>();

    public async ValueTask InitializeAsync() => deployment = await TestDeployment.StartAsync([new NotesModule()]);

    public async ValueTask DisposeAsync()
    {
        if (deployment is not null)
        {
            await deployment.DisposeAsync();
        }
    }
}

internal static class Start
{
    /// <summary>The settings of a deployment that can be started again on the same database, and in production.</summary>
    public static Dictionary<string, string?> Settings(TestDatabase database, string? site = null) => new()
    {
        ["Urls"] = "http://127.0.0.1:0",
        ["ConnectionStrings:Billing"] = database.ConnectionString,
        ["Deployment:Role"] = site is null ? "billing-center" : "site",
        ["Deployment:Site"] = site,
        ["Deployment:PublicUrl"] = "http://127.0.0.1:1",
        ["Deployment:BillingCenterUrl"] = "http://127.0.0.1:1",
        ["Access:SigningKey"] = TestKeys.PrivateKey,
        ["Access:IssuerPublicKey"] = TestKeys.PublicKey,
        ["Access:Clients:0:Id"] = "test-operator",
        ["Access:Clients:0:Secret"] = "test-operator-secret",
        ["Access:Clients:0:Scopes"] = "billing.read operator",
        ["Mail:PickupDirectory"] = Path.Combine(Path.GetTempPath(), database.Name + "-mail"),
    };

    public static WebApplication Build(Dictionary<string, string?> settings, string environment = "Development", IModule? module = null) =>
        DeploymentHost.Build(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), environment, _ => [module ?? new NotesModule()]);

    public static async Task<WebApplication> RunAsync(Dictionary<string, string?> settings, string environment = "Development")
    {
        var app = Build(settings, environment);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    public static HttpClient Browser(this WebApplication app) => new(new SocketsHttpHandler { UseCookies = true }) { BaseAddress = new Uri(app.Urls.Single()) };
}

internal static class Http
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<HttpResponseMessage> TokenAsync(this HttpClient client, string id, string secret, string? scope = null)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret };
        if (scope is not null)
        {
            form["scope"] = scope;
        }

        return client.PostAsync("/connect/token", new FormUrlEncodedContent(form), Cancel);
    }

    /// <summary>Has the client send an access token from now on.</summary>
    public static async Task<HttpClient> WithTokenAsync(this HttpClient client, string? scope = null)
    {
        using var answer = await client.TokenAsync("test-operator", "test-operator-secret", scope);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var token = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["access_token"]!.GetValue<string>();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    public static async Task SignInAsync(this HttpClient client, CallerKind kind, string name) =>
        (await client.PostAsJsonAsync("/api/session", new { kind = (int)kind, name }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);

    /// <summary>Checks that the answer is a problem with the code, and gives it.</summary>
    public static async Task<JsonObject> ShouldBeProblemAsync(this HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        answer.StatusCode.ShouldBe(status, text);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json", text);
        var problem = JsonNode.Parse(text)!.AsObject();
        problem["code"]!.GetValue<string>().ShouldBe(code, text);
        problem["status"]!.GetValue<int>().ShouldBe((int)status);
        problem["detail"]!.GetValue<string>().Length.ShouldBeGreaterThan(10);
        problem["traceId"]!.GetValue<string>().ShouldNotBeEmpty();
        text.ShouldNotContain("secret inner text");
        return problem;
    }
}
