using System.Reflection;
using System.Text.RegularExpressions;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Sites;
using Guance.Billing.TestKit;
using Guance.Billing.Web;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Architecture.Tests;

/// <summary>The endpoints of deployments that are built, but not started.</summary>
public sealed class EndpointTests
{
    private static readonly Type[] Writers = [typeof(IDocumentSession), typeof(IDocumentStore), typeof(UnitOfWork), typeof(IMediator)];

    [Fact]
    public async Task Every_endpoint_says_who_may_call_it() => Open(await EndpointsAsync(Code.Product)).ShouldBeNone();

    [Fact]
    public async Task An_endpoint_that_says_nothing_is_found() => Open(await EndpointsAsync(Code.Samples)).ShouldBeThoseOf("HTTP: GET /violations/open");

    [Fact]
    public async Task A_read_writes_nothing_and_sends_nothing() => WritingReads(Code.Product, await EndpointsAsync(Code.Product)).ShouldBeNone();

    [Fact]
    public async Task A_read_that_can_write_is_found() => WritingReads(Code.Samples, await EndpointsAsync(Code.Samples)).ShouldBeThoseOf(
        "HTTP: GET /violations/session", "HTTP: GET /violations/helper");

    [Fact]
    public async Task Every_refusal_of_what_a_sites_pages_send_is_said_in_chinese()
    {
        // Pages say these by themselves, as what came of a try.
        string[] answers = ["code-wrong", "code-expired", "code-tries-used-up"];
        var pages = Code.Product.Modules.OfType<PagesModule>().Single(module => module.LivesIn is DeploymentRole.Site);
        var reader = new Reader("zh", TimeZoneInfo.Utc);
        var codes = (
            from endpoint in await EndpointsAsync(Code.Product, ["cn4"])
            where Regex.IsMatch(endpoint.RoutePattern.RawText!, "^/api/(registrations|workspaces)")
            from code in endpoint.Metadata.GetMetadata<DeclaredRefusals>()?.Codes ?? []
            select code).Distinct().Except(answers).ToArray();

        codes.Length.ShouldBeGreaterThan(30);
        codes.Where(code => pages.Sentence(BillingRefusal.Conflict(code, "In English."), reader) == "In English.").ShouldBeEmpty();
    }

    private static IReadOnlyList<Violation> Open(IReadOnlyList<RouteEndpoint> endpoints) =>
    [
        .. from endpoint in endpoints
           where endpoint.Metadata.GetMetadata<AccessRule>() is null
           select new Violation(endpoint.DisplayName!, "does not say who may call it"),
    ];

    private static IReadOnlyList<Violation> WritingReads(Code code, IReadOnlyList<RouteEndpoint> endpoints) =>
    [
        .. from endpoint in endpoints
           where endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is ["GET"]
           let handler = endpoint.Metadata.GetMetadata<MethodInfo>()
           where handler is not null && code.Assemblies.Contains(handler.DeclaringType!.Assembly)
           from need in Needs.Of(code, handler.GetParameters()).Intersect(Writers)
           select new Violation(endpoint.DisplayName!, $"is given {need.Name}"),
    ];

    private static Task<IReadOnlyList<RouteEndpoint>> EndpointsAsync(Code code) => EndpointsAsync(code, [null, "cn4"]);

    private static async Task<IReadOnlyList<RouteEndpoint>> EndpointsAsync(Code code, IReadOnlyList<string?> sites)
    {
        var endpoints = new List<RouteEndpoint>();
        foreach (var site in sites)
        {
            var role = site is null ? DeploymentRole.BillingCenter : DeploymentRole.Site;
            await using var app = DeploymentHost.Build(Settings(site), "Development", _ => [.. code.Modules.Where(module => module.LivesIn == role)]);
            endpoints.AddRange(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>());
        }

        endpoints.ShouldNotBeEmpty();
        return endpoints;
    }

    /// <summary>Nothing is started, so nothing listens and no database is looked for.</summary>
    private static IConfiguration Settings(string? site) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:Billing"] = "Host=127.0.0.1;Port=1;Database=none;Username=none;Password=none",
            ["Deployment:Role"] = site is null ? "billing-center" : "site",
            ["Deployment:Site"] = site,
            ["Deployment:PublicUrl"] = "http://127.0.0.1:1",
            ["Deployment:BillingCenterUrl"] = "http://127.0.0.1:1",
            ["Access:SigningKey"] = TestKeys.PrivateKey,
            ["Access:IssuerPublicKey"] = TestKeys.PublicKey,
            ["Link:ClientId"] = "none",
            ["Link:ClientSecret"] = "none",
            ["Mail:PickupDirectory"] = Path.GetTempPath(),
            ["HuaweiMarketplace:ApiBaseUrl"] = "http://127.0.0.1:1",
            ["HuaweiMarketplace:ProductUrl"] = "http://127.0.0.1:1",
            ["HuaweiMarketplace:AccessKey"] = "none",
            ["HuaweiMarketplace:Iam:AccessKeyId"] = "none",
            ["HuaweiMarketplace:Iam:SecretAccessKey"] = "none",
        })
        .Build();
}
