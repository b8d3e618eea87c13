using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Guance.Billing.TestKit;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Story.Tests;

/// <summary>
/// Every endpoint of the Billing Center and of a site, asked by every kind of caller: who is let in stands in <c>WhoMayDoWhat.approved.txt</c>. A new endpoint fails until
/// somebody has looked at its line.
/// </summary>
[Collection(InOneWorld.Name)]
public sealed partial class WhoMayDoWhatTests(AWorld world)
{
    private static readonly string[] Refused = ["not-signed-in", "not-allowed", "scope-missing"];
    private static readonly string[] Scopes = ["usage.write", "access.read", "billing.read", "billing.write", "operator", "link"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_lets_in_whom_the_table_says_and_nobody_else()
    {
        using var me = new Customer(world.Places, world.New("table"));
        await me.RegisterAsync(world.Places.Cn4Url);
        var received = new List<string>();
        foreach (var (name, url) in new[] { ("billing-center", world.Places.BillingCenterUrl), ("cn4", world.Places.Cn4Url) })
        {
            using var http = Client(url);
            var callers = await CallersAsync(http, name, me.Username);
            var documented = Documented(await http.GetStringAsync("/openapi/v1.json", Cancel));
            foreach (var (method, template, mediaType) in EndpointsOf(name))
            {
                var letIn = new List<string>();
                foreach (var (caller, headers) in callers)
                {
                    if (await IsLetInAsync(http, method, Path(template), mediaType, headers))
                    {
                        letIn.Add(caller);
                    }
                }

                var who = letIn.Contains("nobody") ? "anyone" : letIn.Count == 0 ? "-" : string.Join(", ", letIn);
                received.Add($"{(name == "cn4" ? "site" : name)} {method} {template}{(documented.Contains($"{method} {template}") ? "" : " (not in the API reference)")}: {who}");
            }
        }

        Approved.ShouldEqual("WhoMayDoWhat.approved.txt", received, "Look at each line: who may call it now?");
    }

    [Fact]
    public async Task What_belongs_to_others_is_not_there()
    {
        using var owner = new Customer(world.Places, world.New("owner"));
        using var stranger = new Customer(world.Places, world.New("stranger"));
        var (accountId, instanceId) = await owner.BuyAsync();
        var workspace = await owner.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        await stranger.RegisterAsync(world.Places.Cn4Url);
        await owner.SignInToBillingCenterAsync();
        await stranger.SignInToBillingCenterAsync();
        var own = new Dictionary<string, string>(StringComparer.Ordinal) { ["id"] = workspace, ["workspaceId"] = workspace, ["provider"] = "huawei-cloud", ["accountId"] = accountId, ["instanceId"] = instanceId };
        var now = await world.NowAsync();
        var asked = 0;
        foreach (var (name, at, by) in new[] { ("billing-center", stranger.BillingCenter, owner.BillingCenter), ("cn4", stranger.At(world.Places.Cn4Url), owner.At(world.Places.Cn4Url)) })
        {
            // Whatever can be read by an id that the owner knows: the owner sees it, the stranger does not.
            foreach (var (method, template, _) in EndpointsOf(name).Where(endpoint => endpoint.Method == "GET" && endpoint.Template.StartsWith("/api/", StringComparison.Ordinal) && endpoint.Template.Contains('{', StringComparison.Ordinal)
                // Where a product can be bought is nobody's secret.
                && !endpoint.Template.StartsWith("/api/cloud-markets/", StringComparison.Ordinal)))
            {
                var path = Parameter().Replace(template, parameter => own.GetValueOrDefault(parameter.Groups["name"].Value, "x"))
                    + $"?preview=true&from={Uri.EscapeDataString($"{now.AddHours(-1):O}")}&to={Uri.EscapeDataString($"{now:O}")}";
                if ((await by.SendAsync(new(method), path)).Status is not HttpStatusCode.OK)
                {
                    continue;
                }

                asked++;
                (await at.SendAsync(new(method), path)).Status.ShouldBe(HttpStatusCode.NotFound, $"{name} {path}");
            }
        }

        asked.ShouldBeGreaterThanOrEqualTo(6);
        foreach (var (at, method, path) in new[]
        {
            (stranger.BillingCenter, HttpMethod.Post, $"/api/workspaces/{workspace}/unlock"), (stranger.At(world.Places.Cn4Url), HttpMethod.Post, $"/api/workspaces/{workspace}/unlock-link"),
        })
        {
            (await at.SendAsync(method, path, new { })).Status.ShouldBe(HttpStatusCode.NotFound, path);
        }
    }

    private IReadOnlyList<(string Method, string Template, string MediaType)> EndpointsOf(string name) =>
    [
        .. world.World.Deployment(name).Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"],
                (endpoint, method) => (
                    Method: method, Template: "/" + endpoint.RoutePattern.RawText!.TrimStart('/'),
                    MediaType: endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is { ContentTypes: [var first, ..] } ? first : "application/json",
                    IsPage: endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null))
            // The framework's own files and circuits; and what is posted to pages, none of which has a form of its own.
            .Where(endpoint => !endpoint.Template.StartsWith("/_", StringComparison.Ordinal) && (!endpoint.IsPage || endpoint.Method == "GET"))
            .Select(endpoint => (endpoint.Method, endpoint.Template, endpoint.MediaType))
            .Distinct().OrderBy(endpoint => endpoint.Template, StringComparer.Ordinal).ThenBy(endpoint => endpoint.Method, StringComparer.Ordinal),
    ];

    private async Task<IReadOnlyList<(string Caller, (string Name, string Value)? Header)>> CallersAsync(HttpClient http, string name, string username)
    {
        var callers = new List<(string, (string, string)?)> { ("nobody", null) };
        using (var signedIn = await http.PostAsync("/api/session", Json(new JsonObject { ["username"] = username, ["password"] = PasswordOf(username) }), Cancel))
        {
            callers.Add((name == "billing-center" ? "billing user" : "console user", ("Cookie", CookieOf(signedIn))));
        }

        if (name == "billing-center")
        {
            using var page = await http.GetAsync("/operator/sign-in", Cancel);
            using var form = new HttpRequestMessage(HttpMethod.Post, "/operator/sign-in")
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["username"] = "dev-operator", ["password"] = "dev-operator-secret", ["__RequestVerificationToken"] = Token().Match(await page.Content.ReadAsStringAsync(Cancel)).Groups["token"].Value,
                }),
            };
            form.Headers.Add("Cookie", CookieOf(page));
            using var signedIn = await http.SendAsync(form, Cancel);
            callers.Add(("operator at pages", ("Cookie", CookieOf(signedIn))));
        }

        using var tokens = Client(world.Places.BillingCenterUrl);
        foreach (var scope in Scopes)
        {
            var (id, secret) = scope == "link" ? ("site-za1", world.World.SettingsOf("za1")["Link:ClientSecret"]!) : ("dev-operator", "dev-operator-secret");
            using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret, ["scope"] = scope });
            using var answer = await tokens.PostAsync("/connect/token", form, Cancel);
            callers.Add((scope, ("Authorization", $"Bearer {(string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["access_token"]!}")));
        }

        return callers;
    }

    /// <summary>Anything but a refusal of access, or being led to a sign-in, is being let in: what is sent makes no sense, so nothing happens.</summary>
    private static async Task<bool> IsLetInAsync(HttpClient http, string method, string path, string mediaType, (string Name, string Value)? header)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (method is not ("GET" or "HEAD"))
        {
            request.Content = new StringContent("{}", Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
        }

        if (header is { } given)
        {
            request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        if ((int)answer.StatusCode is >= 300 and < 400)
        {
            return answer.Headers.Location?.OriginalString.Contains("sign-in", StringComparison.Ordinal) != true;
        }

        if (answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) || answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return true;
        }

        var code = (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))?["code"];
        return !Refused.Contains(code);
    }

    private static HashSet<string> Documented(string document) =>
    [
        .. JsonNode.Parse(document)!["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}")),
    ];

    private static HttpClient Client(string url) => new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(url) };

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static string CookieOf(HttpResponseMessage answer) => string.Join("; ", answer.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));

    private static string Path(string template) => Parameter().Replace(template, "x");

    [GeneratedRegex("""\{\**(?<name>[^}:?=]+)[^}]*\}""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex("""name="__RequestVerificationToken" value="(?<token>[^"]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();
}
