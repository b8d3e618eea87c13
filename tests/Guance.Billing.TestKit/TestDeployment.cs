using System.Net.Http.Json;
using System.Text.Json;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Clock;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Sites;
using Marten;
using Marten.Events;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.TestKit;

/// <summary>
/// A real deployment for tests of a module: the real plumbing and edge on Kestrel (127.0.0.1, a free port) and a fresh database, with
/// the modules given and no peer. What the modules need of others is given by a small test module or through <c>configureServices</c>.
/// </summary>
public sealed class TestDeployment : IAsyncDisposable
{
    private readonly TestDatabase database;
    private readonly Func<WebApplication> build;

    private TestDeployment(TestDatabase own, WebApplication app, Func<WebApplication> buildNode)
    {
        database = own;
        build = buildNode;
        App = app;
        Url = new Uri(app.Urls.Single());
        Clock = app.Services.GetRequiredService<WorldClock>();
    }

    /// <summary>The running application.</summary>
    public WebApplication App { get; }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>The deployment's clock; can be moved forward.</summary>
    public WorldClock Clock { get; }

    /// <summary>Its services.</summary>
    public IServiceProvider Services => App.Services;

    /// <summary>Starts a site or the Billing Center with these modules.</summary>
    /// <param name="modules">The modules, and test modules that stand in for others.</param>
    /// <param name="site">The site's code; null for the Billing Center.</param>
    /// <param name="settings">Further settings, such as <c>HuaweiMarketplace:AccessKey</c>.</param>
    /// <param name="configureServices">Stand-ins, such as an IBillingCenter; they come first, so TryAdd does not replace them.</param>
    public static async Task<TestDeployment> StartAsync(
        IReadOnlyList<IModule> modules,
        string? site = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        Action<IServiceCollection>? configureServices = null)
    {
        var own = await TestDatabase.CreateAsync();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Urls"] = "http://127.0.0.1:0",
                ["ConnectionStrings:Billing"] = own.ConnectionString,
                ["Deployment:Role"] = site is null ? "billing-center" : "site",
                ["Deployment:Site"] = site,
                ["Deployment:PublicUrl"] = "http://127.0.0.1:1",
                ["Deployment:BillingCenterUrl"] = "http://127.0.0.1:1",
                ["Access:SigningKey"] = TestKeys.PrivateKey,
                ["Access:IssuerPublicKey"] = TestKeys.PublicKey,
                ["Access:Clients:0:Id"] = "test-operator",
                ["Access:Clients:0:Secret"] = "test-operator-secret",
                ["Access:Clients:0:Scopes"] = "usage.write access.read billing.read billing.write operator link",
                ["Mail:PickupDirectory"] = Path.Combine(Path.GetTempPath(), own.Name + "-mail"),
            })
            .AddInMemoryCollection(settings ?? new Dictionary<string, string?>())
            .Build();
        var buildNode = () => DeploymentHost.Build(configuration, "Development", _ => modules, configureServices);
        var app = buildNode();
        await app.StartAsync();
        return new TestDeployment(own, app, buildNode);
    }

    /// <summary>Starts a further node of the deployment on the same database, with a clock of its own; the caller disposes of it.</summary>
    public async Task<WebApplication> StartNodeAsync()
    {
        var node = build();
        await node.StartAsync();
        return node;
    }

    /// <summary>A client with a cookie jar of its own: one person's browser.</summary>
    public HttpClient Browser() => new(new SocketsHttpHandler { UseCookies = true }) { BaseAddress = Url };

    /// <summary>Sends a command or query as a policy or job would, in a scope of its own.</summary>
    public async Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request);
    }

    /// <summary>Hands integration events to one module's policies in one transaction, as the reader of a feed does.</summary>
    public async Task DeliverAsync(IModule module, params IReadOnlyList<SharedKernel.IIntegrationEvent> events)
    {
        await using var scope = Services.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(CancellationToken.None);
        await Services.GetRequiredKeyedService<Platform.Events.PolicyTable>(module.Name).DeliverAsync(scope.ServiceProvider, events, CancellationToken.None);
        await work.CommitAsync(CancellationToken.None);
    }

    /// <summary>Moves the clock forward and runs what became due.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        await Services.GetRequiredService<ITicks>().RunAllAsync(CancellationToken.None);
    }

    /// <summary>Waits until inboxes and projections have seen everything that is committed.</summary>
    public Task CaughtUpAsync() => Services.GetRequiredService<IDocumentStore>().WaitForNonStaleProjectionDataAsync(TimeSpan.FromSeconds(60));

    /// <summary>The mails to an address, newest first.</summary>
    public async Task<IReadOnlyList<SentMail>> MailsToAsync(string address)
    {
        using var browser = Browser();
        return await browser.GetFromJsonAsync<SentMail[]>($"/dev/mail?to={Uri.EscapeDataString(address)}", JsonSerializerOptions.Web) ?? [];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        await database.DisposeAsync();
    }
}

/// <summary>A mail as development's mail view shows it.</summary>
/// <param name="To">The address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain text.</param>
/// <param name="At">When it was queued.</param>
public sealed record SentMail(string To, string Subject, string Text, DateTimeOffset At);
