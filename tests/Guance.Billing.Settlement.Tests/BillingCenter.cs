using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Sites;
using Guance.Billing.TestKit;
using Marten;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Settlement.Tests;

[CollectionDefinition(nameof(BillingCenter))]
public sealed class BillingCenterCollection : ICollectionFixture<BillingCenter>;

/// <summary>A running Billing Center with this module and a stand-in for the market; every test uses accounts of its own.</summary>
public sealed class BillingCenter : IAsyncLifetime
{
    public const string Password = "Correct-horse-9";
    public static readonly SiteCode Cn4 = SiteCode.Of("cn4");
    public static readonly SiteCode Za1 = SiteCode.Of("za1");

    private static readonly string PasswordHash = new PasswordHasher<string>().HashPassword("", Password);
    private int count;

    public SettlementModule Module { get; } = new();

    public Market Market { get; } = new();

    public Feeds Feeds { get; } = new();

    public TestDeployment Deployment { get; private set; } = null!;

    /// <summary>Further settings of the deployment.</summary>
    public Dictionary<string, string?> Settings { get; } = [];

    public DateTimeOffset Now => Deployment.Clock.GetUtcNow();

    public async ValueTask InitializeAsync() => Deployment = await TestDeployment.StartAsync(
        [Module, Market], settings: Settings, configureServices: services => services.AddSingleton<IFeeds>(Feeds));

    public ValueTask DisposeAsync() => Deployment.DisposeAsync();

    public string NewName() => $"customer-{Interlocked.Increment(ref count)}";

    public ActivateWorkspace Activation(CloudSubscriptionFacts? cloud = null, string? username = null, SiteCode? site = null, ExistingBillingAccount? existing = null, string? cloudAccountId = null)
    {
        var name = username ?? NewName();
        cloudAccountId ??= cloud?.AccountId;
        return new(
            site ?? Cn4, Ids.New<RegistrationId>(Deployment.Clock), Ids.New<WorkspaceId>(Deployment.Clock), $"Workspace of {name}", "zh",
            cloudAccountId is null ? SettlementMethod.BillingCenter : SettlementMethod.Cloud(cloud?.Provider ?? CloudProvider.HuaweiCloud), cloudAccountId, true,
            existing is null ? new(name, PasswordHash, $"{name}@example.com", null, "ACME") : null, existing);
    }

    /// <summary>A new billing account with one workspace, signed in.</summary>
    public async Task<Customer> CustomerAsync(CloudSubscriptionFacts? cloud = null, SiteCode? site = null)
    {
        var activation = Activation(cloud, site: site);
        var answer = await Deployment.SendAsync(activation);
        var browser = Deployment.Browser();
        var signedIn = await browser.PostAsJsonAsync("/api/session", new { username = answer.BillingUsername, password = Password });
        signedIn.StatusCode.ShouldBe(HttpStatusCode.OK);
        return new(answer.BillingAccountId, answer.BillingUsername, activation.NewAccount!.Email, activation.WorkspaceId, browser);
    }

    /// <summary>Attaches a further workspace to an account, with a mailed code.</summary>
    public async Task<WorkspaceId> AttachAsync(Customer customer, SiteCode site, CloudSubscriptionFacts? cloud = null)
    {
        var activation = Activation(cloud, site: site, existing: new(customer.Username, ""));
        activation = activation with { ExistingAccount = new(customer.Username, await CodeAsync(customer, activation)) };
        await Deployment.SendAsync(activation);
        return activation.WorkspaceId;
    }

    public async Task<string> CodeAsync(Customer customer, ActivateWorkspace activation)
    {
        var before = (await CodeMailsAsync(customer)).Length;
        await Deployment.SendAsync(new SendBillingAccountCode(activation.Site, activation.RegistrationId, customer.Username, Now));
        var mails = await CodeMailsAsync(customer);
        mails.Length.ShouldBe(before + 1);
        return mails[0].Text.Split('：')[1][..6];
    }

    public async Task<SentMail[]> CodeMailsAsync(Customer customer) =>
        [.. (await Deployment.MailsToAsync(customer.Email)).Where(mail => mail.Subject.Contains("Code to attach", StringComparison.Ordinal))];

    public async Task<HttpClient> OperatorAsync()
    {
        var client = Deployment.Browser();
        var answer = await client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "test-operator",
            ["client_secret"] = "test-operator-secret",
            ["scope"] = "billing.read billing.write operator",
        }));
        var token = await answer.Content.ReadFromJsonAsync<JsonObject>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)token!["access_token"]!);
        return client;
    }

    /// <summary>The market closes the subscription and tells; the closing runs to its end.</summary>
    public async Task<DateTimeOffset> CloseAsync(CloudSubscriptionFacts subscription)
    {
        var at = await CloseOnlyAsync(subscription);
        await RunClosingsAsync();
        return at;
    }

    /// <summary>The market closes the subscription and tells.</summary>
    public async Task<DateTimeOffset> CloseOnlyAsync(CloudSubscriptionFacts subscription, DateTimeOffset? at = null)
    {
        var closedAt = at ?? Now;
        Market.Set(subscription with { State = CloudSubscriptionState.Closed, ClosedAt = closedAt });
        await Deployment.DeliverAsync(Module, Closed(subscription, closedAt));
        return closedAt;
    }

    public static CloudSubscriptionClosedIntegrationEvent Closed(CloudSubscriptionFacts s, DateTimeOffset at) =>
        new(Ids.DeterministicGuid("closed", s.InstanceId), 9, at, s.Id, new(s.Provider, s.InstanceId), s.AccountId);

    public Task RunClosingsAsync() => Deployment.Services.GetRequiredService<ITicks>().RunAllAsync(CancellationToken.None);

    /// <summary>Pays bills in a transaction, as the close of a day does.</summary>
    internal async Task PayAsync(params IReadOnlyList<BillToPay> bills)
    {
        await using var scope = Deployment.Services.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(CancellationToken.None);
        await scope.ServiceProvider.GetRequiredService<Wallets>().PayAsync(bills, Now, CancellationToken.None);
        await work.CommitAsync(CancellationToken.None);
    }

    /// <summary>The one value that a query gives.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params IReadOnlyList<object> values)
    {
        await using var command = Deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    internal async Task<WorkspaceSettlement> LoadAsync(WorkspaceId id)
    {
        await using var session = Deployment.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return (await session.LoadAsync<WorkspaceSettlement>(id.Value)).ShouldNotBeNull();
    }

    public async Task<IReadOnlyList<object>> EventsAsync(string stream)
    {
        await using var session = Deployment.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return [.. (await session.Events.FetchStreamAsync(stream)).Select(e => e.Data)];
    }
}

/// <summary>A billing account's person at a browser.</summary>
public sealed record Customer(BillingAccountId Account, string Username, string Email, WorkspaceId Workspace, HttpClient Browser);

internal static class HttpExtensions
{
    public static async Task<JsonNode> ReadAsync(this HttpClient client, string path)
    {
        var answer = await client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public static async Task<(int Status, JsonNode Json)> SendAsync(this HttpClient client, HttpMethod method, string path, object? body = null, string? ifMatch = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)! : new JsonObject { ["text"] = text });
    }

    public static Task<(int Status, JsonNode Json)> ChangeAsync(this HttpClient client, WorkspaceId id, CloudSubscriptionFacts? to, bool preview = false, string? ifMatch = null) =>
        client.SendAsync(HttpMethod.Put, string.Create(CultureInfo.InvariantCulture, $"/api/workspaces/{id}/settlement-method?preview={(preview ? "true" : "false")}"), to is null
            ? new { method = "billing-center" }
            : new { method = to.Provider.Value, cloudAccountId = to.AccountId, productInstanceId = to.InstanceId }, ifMatch);

    public static void ShouldRefuse(this (int Status, JsonNode Json) answer, int status, string code) =>
        (answer.Status, (string?)answer.Json["code"]).ShouldBe((status, code));
}
