using System.Net.Http.Headers;
using System.Security.Cryptography;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Sites;
using Guance.Billing.TestKit;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using JasperFx.Events;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

[assembly: AssemblyFixture(typeof(Guance.Billing.Workspaces.Tests.Site))]

namespace Guance.Billing.Workspaces.Tests;

/// <summary>
/// The site <c>cn4</c> with the Workspaces module on a real database; Registration and the Billing Center are stood in for. One for all
/// tests: each has workspaces and users of its own, and dates its facts instead of moving the clock.
/// </summary>
public sealed class Site : IAsyncLifetime
{
    public static readonly SiteCode Code = SiteCode.Of("cn4");

    private static readonly ECDsaSecurityKey SigningKey = KeyOfTokens();
    private readonly WorkspacesModule module = new();
    private TestDeployment? deployment;

    public TestDeployment Deployment => deployment ?? throw new InvalidOperationException("The site has not started.");

    internal FakeBillingCenter BillingCenter { get; } = new();

    /// <summary>Now, in whole seconds: a time that the database keeps exactly.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(Deployment.Clock.GetUtcNow().ToUnixTimeSeconds());

    public async ValueTask InitializeAsync()
    {
        deployment = await TestDeployment.StartAsync(
            [module, new RegistrationStandIn()], Code.Value, configureServices: services => services.AddSingleton<IBillingCenter>(BillingCenter));
        await TellAsync(Catalog(1));
    }

    public async ValueTask DisposeAsync()
    {
        if (deployment is not null)
        {
            await deployment.DisposeAsync();
        }
    }

    public WorkspaceId NewId() => Ids.New<WorkspaceId>(Deployment.Clock);

    /// <summary>The data plane, with a token of the scope <c>access.read</c> as the Billing Center gives it.</summary>
    public HttpClient DataPlane() => Client(Scopes.AccessRead);

    /// <summary>A client with a token of the scope.</summary>
    public HttpClient Client(string scope)
    {
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            TokenType = "at+jwt",
            Issuer = "http://127.0.0.1:1/",
            Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "data-plane", ["scope"] = scope },
            SigningCredentials = new SigningCredentials(SigningKey, SecurityAlgorithms.EcdsaSha256),
        });
        var client = Deployment.Browser();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>What may be metered: <c>logs</c> add up and have a price for 7 and 30 days, <c>series</c> is a gauge for 3 and 7 days, <c>calls</c> has one price.</summary>
    public ItemCatalogPublishedIntegrationEvent Catalog(long version, params IReadOnlyList<MeteredItem> more) => new(
        Ids.DeterministicGuid("catalog", $"{version}"), version, Now, Code,
        [
            new("logs", ItemAggregation.Sum, [7, 30], 7), new("series", ItemAggregation.Max, [3, 7], 3), new("calls", ItemAggregation.Sum, [], null), .. more,
        ]);

    /// <summary>The browser of a signed-in console user, whose mail address is <c>USER@example.com</c>.</summary>
    public async Task<HttpClient> SignedInAsync(string user)
    {
        var browser = Deployment.Browser();
        (await browser.PostAsync(new Uri($"/test/sign-in?user={user}", UriKind.Relative), content: null)).EnsureSuccessStatusCode();
        return browser;
    }

    public Task TellAsync(params IReadOnlyList<IIntegrationEvent> events) => Deployment.DeliverAsync(module, events);

    public Task CreateAsync(WorkspaceId id, string owner, string name = "Mine", string language = "en", DateTimeOffset? createdAt = null) =>
        Deployment.SendAsync(Creation(id, owner, name, language) with { CreatedAt = createdAt ?? Now });

    public CreateWorkspace Creation(WorkspaceId id, string owner, string name = "Mine", string language = "en") =>
        new(id, owner, name, language, Domain.Fold.Account, SettlementMethod.Cloud(CloudProvider.HuaweiCloud), Domain.Fold.Huawei, Now);

    public WorkspaceBoundIntegrationEvent Bound(WorkspaceId id, long version = 1) => new(
        Told(id, version), version, Now, Code, id, Domain.Fold.Account, SettlementMethod.Cloud(CloudProvider.HuaweiCloud), Domain.Fold.Huawei);

    public static WorkspaceLockedIntegrationEvent Locked(
        WorkspaceId id, long version, DateTimeOffset since, LockReason reason = LockReason.Arrears, string? closingId = null, DateTimeOffset? lockedSince = null) =>
        new(Told(id, version), version, since, Code, id, reason, lockedSince ?? since, closingId);

    public WorkspaceSettlementMethodChangedIntegrationEvent Unlinked(WorkspaceId id, long version) =>
        new(Told(id, version), version, Now, Code, id, SettlementMethod.BillingCenter, CloudAccount: null);

    public WorkspaceLockLiftedIntegrationEvent Lifted(WorkspaceId id, long version, LockReason reason) => new(Told(id, version), version, Now, Code, id, reason);

    public WorkspaceUnlockedIntegrationEvent Unlocked(WorkspaceId id, long version) => new(Told(id, version), version, Now, Code, id);

    public ClosingAnnouncedIntegrationEvent Announced(string closingId, int workspaces) => new(
        Ids.DeterministicGuid(closingId), 3, Now, Code, closingId, new CloudInstanceKey(CloudProvider.HuaweiCloud, $"instance-of-{closingId}"), workspaces);

    internal async Task<Workspace?> StateAsync(WorkspaceId id)
    {
        await using var session = Deployment.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return await session.LoadAsync<Workspace>(id.Value);
    }

    internal async Task<IReadOnlyList<IEvent>> StreamAsync(string key)
    {
        await using var session = Deployment.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return await session.Events.FetchStreamAsync(key);
    }

    /// <summary>What the Billing Center is told of a stream.</summary>
    internal async Task<IReadOnlyList<IIntegrationEvent>> PublishedAsync(string key)
    {
        var mappers = Deployment.Services.GetServices<IIntegrationEventMapper>().ToArray();
        return [.. (await StreamAsync(key)).SelectMany(e => mappers.Select(mapper => mapper.Map(e)).OfType<IIntegrationEvent>())];
    }

    private static ECDsaSecurityKey KeyOfTokens()
    {
        var curve = ECDsa.Create();
        curve.ImportFromPem(TestKeys.PrivateKey);
        var key = new ECDsaSecurityKey(curve);
        key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        return key;
    }

    private static Guid Told(WorkspaceId id, long version) => Ids.DeterministicGuid(id.Value, $"{version}");

    /// <summary>Registration, as far as the module needs it: it knows everybody's address, but for users named <c>gone…</c>.</summary>
    private sealed class RegistrationStandIn : IModule
    {
        public string Name => "Registration";

        public DeploymentRole LivesIn => DeploymentRole.Site;

        public void AddServices(IServiceCollection services, IConfiguration configuration, Platform.Deployment deployment)
        {
        }

        public void ConfigureMarten(StoreOptions options)
        {
        }

        public void MapEndpoints(IEndpointRouteBuilder endpoints) => endpoints
            .MapPost("/test/sign-in", async (string user, IUserSessions sessions) =>
            {
                await sessions.SignInAsync(CallerKind.ConsoleUser, user, user);
                return TypedResults.Ok();
            })
            .ForAnyone();
    }

    internal sealed class ContactsHandler : IQueryHandler<GetConsoleUserContacts, IReadOnlyList<ConsoleUserContact>>
    {
        public Task<IReadOnlyList<ConsoleUserContact>> Handle(GetConsoleUserContacts request, CancellationToken cancellationToken)
        {
            request.UserIds.Count.ShouldBeLessThanOrEqualTo(1000);
            return Task.FromResult<IReadOnlyList<ConsoleUserContact>>(
                [.. request.UserIds.Where(id => !id.StartsWith("gone", StringComparison.Ordinal)).Select(id => new ConsoleUserContact(id, id, $"{id}@example.com"))]);
        }
    }
}

/// <summary>The Billing Center's end of the asks.</summary>
internal sealed class FakeBillingCenter : IBillingCenter
{
    /// <summary>Workspaces for which it cannot be reached.</summary>
    public HashSet<WorkspaceId> OutOfReachFor { get; } = [];

    public Task<TAnswer> AskAsync<TAsk, TAnswer>(TAsk ask, CancellationToken ct)
        where TAsk : IAsk<TAnswer>
    {
        var asked = ask.ShouldBeOfType<CreateUnlockLink>();
        return OutOfReachFor.Contains(asked.WorkspaceId)
            ? throw new PeerUnreachableException("down")
            : Task.FromResult((TAnswer)(object)new UnlockLink(
                $"https://billing.example/unlock/{asked.WorkspaceId}?site={asked.Site}&by={asked.RequestedBy}", asked.RequestedAt.AddMinutes(10)));
    }
}
