using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Sites;
using Guance.Billing.TestKit;
using Guance.Billing.Workspaces.Contracts;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Registration.Tests;

/// <summary>A site with the Registration module; the Billing Center and the Workspaces module are stand-ins.</summary>
public sealed class SiteUnderTest : IAsyncLifetime
{
    private int applicants;

    internal RegistrationModule Module { get; } = new();

    internal FakeBillingCenter BillingCenter { get; } = new();

    internal CreatedWorkspaces Workspaces { get; } = new();

    internal TestDeployment Deployment { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Deployment = await TestDeployment.StartAsync(
        [Module, new WorkspacesStandIn()],
        site: "cn4",
        settings: new Dictionary<string, string?> { ["ActivationMethods:Methods:huawei-cloud:MarketUrl"] = "https://market.example/product" },
        configureServices: services =>
        {
            services.AddSingleton<IBillingCenter>(BillingCenter);
            services.AddSingleton(Workspaces);
        });

    public async ValueTask DisposeAsync() => await Deployment.DisposeAsync();

    /// <summary>Somebody new, with a browser of their own.</summary>
    internal Applicant NewApplicant() => new(this, Interlocked.Increment(ref applicants));
}

/// <summary>All tests that need a site share one and run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class AtASite : ICollectionFixture<SiteUnderTest>
{
    public const string Name = "at a site";
}

/// <summary>The Billing Center as its Contracts promise it: done once for each workspace, answered alike for ever; can be away.</summary>
internal sealed class FakeBillingCenter : IBillingCenter
{
    private readonly Lock gate = new();
    private readonly Dictionary<WorkspaceId, WorkspaceActivation> bound = [];
    private readonly Dictionary<string, string> accounts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Nothing arrives.</summary>
    public bool IsAway { get; set; }

    /// <summary>What is asked is done, but its answer is lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Refuses activation for a reason of its own.</summary>
    public Func<ActivateWorkspace, BillingRefusal?> Refusal { get; set; } = _ => null;

    public ConcurrentQueue<object> Asked { get; } = [];

    public IEnumerable<ActivateWorkspace> AskedFor(string registration) => Asked.OfType<ActivateWorkspace>().Where(ask => ask.RegistrationId.Value == registration);

    public void Open(string username) => accounts.TryAdd(username, $"acct_{Ids.DeterministicGuid(username.ToUpperInvariant()):N}");

    public Task<TAnswer> AskAsync<TAsk, TAnswer>(TAsk ask, CancellationToken ct)
        where TAsk : IAsk<TAnswer>
    {
        Asked.Enqueue(ask);
        if (IsAway)
        {
            throw new PeerUnreachableException("The Billing Center is away.");
        }

        object answer;
        lock (gate)
        {
            answer = ask switch
            {
                CheckBillingUsername check => new BillingUsernameAvailability(accounts.ContainsKey(check.Username)),
                SendBillingAccountCode code => new BillingAccountCodeSent(code.RequestedAt.AddMinutes(10)),
                ActivateWorkspace activate => Activate(activate),
                _ => throw new ArgumentOutOfRangeException(nameof(ask)),
            };
        }

        return LosesAnswers ? throw new PeerUnreachableException("The answer was lost.") : Task.FromResult((TAnswer)answer);
    }

    private WorkspaceActivation Activate(ActivateWorkspace ask)
    {
        if (bound.TryGetValue(ask.WorkspaceId, out var first))
        {
            return first;
        }

        if (Refusal(ask) is { } refusal)
        {
            throw refusal;
        }

        if (ask.NewAccount is { } opened && !accounts.TryAdd(opened.Username, $"acct_{Ids.DeterministicGuid(opened.Username.ToUpperInvariant()):N}"))
        {
            throw BillingRefusal.Conflict("username-taken", "A billing account has this username already.");
        }

        if (ask.ExistingAccount is { Code: not "424242" })
        {
            throw BillingRefusal.Unprocessable("billing-code-wrong", "This is not the code that was mailed.");
        }

        var username = ask.NewAccount?.Username ?? ask.ExistingAccount!.Username;
        return bound[ask.WorkspaceId] = new(
            BillingAccountId.Of(accounts[username]),
            username,
            ask.Method,
            ask.CloudAccountId is { } account ? new(CloudProvider.Of(ask.Method.Value), account) : null,
            new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }
}

/// <summary>What the Workspaces module was asked to create.</summary>
internal sealed class CreatedWorkspaces : ConcurrentQueue<CreateWorkspace>
{
    public bool CannotBeCreated { get; set; }
}

/// <summary>In the place of the Workspaces module.</summary>
internal sealed class WorkspacesStandIn : IModule
{
    public string Name => "Workspaces";

    public DeploymentRole LivesIn => DeploymentRole.Site;

    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
    }

    public void ConfigureMarten(StoreOptions options)
    {
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
    }
}

internal sealed class CreateWorkspaceStandIn(CreatedWorkspaces created) : ICommandHandler<CreateWorkspace>
{
    public Task<Unit> Handle(CreateWorkspace request, CancellationToken cancellationToken)
    {
        if (created.CannotBeCreated)
        {
            throw new BillingRefusal(RefusalKind.Unavailable, "unavailable", "The database cannot be reached just now.");
        }

        created.Enqueue(request);
        return Task.FromResult(Unit.Value);
    }
}

/// <summary>An answer over HTTP.</summary>
internal sealed record Reply(int Status, JsonNode? Json)
{
    public string? this[string name] => Json?[name]?.ToString();

    public string? Code => this["code"];

    public Reply ShouldBe(int status, string? code = null)
    {
        (Status, Code).ShouldBe((status, code), Json?.ToJsonString());
        return this;
    }
}

/// <summary>Somebody who registers, in a browser of their own.</summary>
internal sealed partial class Applicant(SiteUnderTest site, int number)
{
    public const string Password = "Correct-horse-7";

    public static readonly object Company = new { companyName = "Acme Ltd", agreementsAccepted = true, industry = "Retail" };

    private readonly HttpClient browser = site.Deployment.Browser();

    public string Username { get; } = $"acme-{number}";

    public string Email { get; } = $"li+{number}@acme.example";

    public string Id { get; private set; } = "";

    public string Path => $"/api/registrations/{Id}";

    public static object Plain(string workspaceName = "Shop") =>
        new { method = "billing-center", workspaceName, workspaceLanguage = "en", termsAccepted = true };

    public async Task<Reply> SendAsync(HttpMethod method, string path, object? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var response = await browser.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Reply> PostAsync(string path, object? body = null, string? key = null) => SendAsync(HttpMethod.Post, path, body, key);

    public Task<Reply> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, body);

    public Task<Reply> ViewAsync() => GetAsync(Path);

    public object Start(string? billingAccount = null) => new { username = Username, password = Password, email = Email, billingAccount };

    public async Task<Reply> StartAsync(string? billingAccount = null)
    {
        var reply = await PostAsync("/api/registrations", Start(billingAccount));
        Id = reply["id"] ?? "";
        return reply;
    }

    /// <summary>The code that was mailed last.</summary>
    public async Task<string> CodeAsync() =>
        Digits().Match((await site.Deployment.MailsToAsync(Email))[0].Text).Value;

    /// <summary>A code that was not mailed.</summary>
    public async Task<string> WrongCodeAsync() => await CodeAsync() == "000000" ? "000001" : "000000";

    public Task<Reply> ConfirmAsync(string code) => PostAsync($"{Path}/email-confirmation", new { code });

    public Task<Reply> ProvideCompanyAsync(object? company = null) => PutAsync($"{Path}/company", company ?? Company);

    public Task<Reply> ActivateAsync(object? activation = null) => PutAsync($"{Path}/activation", activation ?? Plain());

    /// <summary>Up to step 3.</summary>
    public async Task<Applicant> WithAccountAsync(string? billingAccount = null)
    {
        (await StartAsync(billingAccount)).ShouldBe(201);
        (await ConfirmAsync(await CodeAsync())).ShouldBe(200);
        (await ProvideCompanyAsync()).ShouldBe(200);
        return this;
    }

    public Task<Reply> SignInAsync(string? username = null, string? password = null) =>
        PostAsync("/api/session", new { username = username ?? Username, password = password ?? Password });

    [GeneratedRegex("[0-9]{6}")]
    private static partial Regex Digits();
}
