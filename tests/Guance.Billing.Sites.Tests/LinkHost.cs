using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Http;
using Guance.Billing.TestKit;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.Sites.Tests;

/// <summary>One node of a deployment with the site link and the notes module, on Kestrel.</summary>
internal sealed class LinkHost : IAsyncDisposable
{
    private static readonly (string Id, string Scopes)[] Clients =
    [
        ("billing-center", Scopes.Link), ("site-cn4", $"{Scopes.Link} {Scopes.Operator}"), ("site-za1", Scopes.Link), ("cn4", Scopes.Link), ("op", Scopes.Operator),
    ];

    private readonly WebApplication web;
    private int feedRequests;

    private LinkHost(WebApplication app, TestDatabase database, string url)
    {
        (web, Database, Url) = (app, database, url);
        app.Use(async (context, next) =>
        {
            TokenRequests += context.Request.Path.StartsWithSegments("/connect/token", StringComparison.Ordinal) ? 1 : 0;
            var isFeed = context.Request.Path.StartsWithSegments("/feed", StringComparison.Ordinal);
            if (isFeed)
            {
                var now = Interlocked.Increment(ref feedRequests);
                FeedRequestsMax = Math.Max(FeedRequestsMax, now);
            }

            try
            {
                await next(context);
            }
            finally
            {
                if (isFeed)
                {
                    Interlocked.Decrement(ref feedRequests);
                }
            }
        });
    }

    public TestDatabase Database { get; }

    public string Url { get; }

    public IServiceProvider Services => web.Services;

    /// <summary>How many peers have read here at the same time at most.</summary>
    public int FeedRequestsMax { get; set; }

    /// <summary>How often an access token was asked for here.</summary>
    public int TokenRequests { get; private set; }

    public Obstacles Obstacles => Services.GetRequiredService<Obstacles>();

    public static string SecretOf(string clientId) => $"secret-of-{clientId}";

    public static async Task<LinkHost> StartAsync(
        TestDatabase database, string? site, int port, string billingCenterUrl, IReadOnlyDictionary<string, string> siteUrls, RSA signingKey,
        string? clientSecret)
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        var settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Billing"] = database.ConnectionString,
            ["Deployment:Role"] = site is null ? "billing-center" : "site",
            ["Deployment:Site"] = site,
            ["Deployment:PublicUrl"] = url,
            ["Deployment:BillingCenterUrl"] = billingCenterUrl,
            ["Link:ClientSecret"] = clientSecret ?? SecretOf(Peer.ClientIdOf(site ?? Deployment.BillingCenterName)),
            ["Mail:PickupDirectory"] = Path.GetTempPath(),
            ["Access:SigningKey"] = site is null ? signingKey.ExportPkcs8PrivateKeyPem() : null,
            ["Access:IssuerPublicKey"] = signingKey.ExportSubjectPublicKeyInfoPem(),
        };
        foreach (var (n, (client, scopes)) in Clients.Index())
        {
            settings[$"Access:Clients:{n}:Id"] = client;
            settings[$"Access:Clients:{n}:Secret"] = SecretOf(client);
            settings[$"Access:Clients:{n}:Scopes"] = scopes;
        }

        foreach (var (code, siteUrl) in siteUrls)
        {
            settings[$"Deployment:Sites:{code}:Url"] = siteUrl;
        }

        await CreateTableAsync(database);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseUrls(url);
        var deployment = Deployment.From(builder.Configuration, isDevelopment: true);
        IReadOnlyList<IModule> modules = [new NotesModule(deployment.Role)];
        builder.Services.AddSingleton<Obstacles>();
        builder.AddEdge(deployment, modules);
        builder.Services.AddPlatform(builder.Configuration, deployment, modules);
        builder.Services.AddSiteLink(builder.Configuration, deployment, modules);
        var app = builder.Build();
        var host = new LinkHost(app, database, url);
        app.UseEdge();
        app.MapSiteLink();
        await app.StartAsync();
        return host;
    }

    /// <summary>Appends events, each to a stream of its own, in one transaction.</summary>
    public async Task AppendAsync(params IReadOnlyList<object> events)
    {
        await using var session = Services.GetRequiredService<IDocumentStore>().LightweightSession();
        Append(session, events);
        await session.SaveChangesAsync();
    }

    public static void Append(IDocumentSession session, IReadOnlyList<object> events)
    {
        foreach (var e in events)
        {
            session.Events.StartStream<Note>(Guid.CreateVersion7().ToString("N"), e);
        }
    }

    /// <summary>The ids of the notes kept in a book, in the order in which they were kept.</summary>
    public async Task<IReadOnlyList<string>> KeptAsync(string book = "first") =>
        await ColumnAsync<string>("select note_id from notes_kept where book = $1 order by number", book);

    /// <summary>The positions of the feed written for a peer.</summary>
    public Task<IReadOnlyList<long>> PositionsAsync(string peer) =>
        ColumnAsync<long>("select position from link.feed_message where peer = $1 order by position", peer);

    public async Task<IReadOnlyList<T>> ColumnAsync<T>(string sql, params object[] values)
    {
        await using var command = Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var rows = await command.ExecuteReaderAsync();
        var column = new List<T>();
        while (await rows.ReadAsync())
        {
            column.Add(rows.GetFieldValue<T>(0));
        }

        return column;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await web.StopAsync();
        await web.DisposeAsync();
    }

    private static async Task CreateTableAsync(TestDatabase database)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "create table if not exists notes_kept (number bigserial primary key, book text not null, note_id text not null, text text not null)", connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>The Billing Center and two sites, each with its database; each can be stopped and started.</summary>
internal sealed class LinkWorld : IAsyncDisposable
{
    private readonly Dictionary<string, int> ports = new() { ["billing-center"] = Ports.Free(), ["cn4"] = Ports.Free(), ["za1"] = Ports.Free() };
    private readonly Dictionary<string, TestDatabase> databases = [];
    private readonly Dictionary<string, LinkHost> running = [];
    private readonly Dictionary<string, string> tokens = [];
    private RSA signingKey = RSA.Create(2048);

    public LinkHost Center => running["billing-center"];

    public LinkHost Site => running["cn4"];

    public static async Task<LinkWorld> StartAsync(params string[] names)
    {
        var world = new LinkWorld();
        foreach (var name in names)
        {
            await world.StartOneAsync(name);
        }

        return world;
    }

    public async Task<LinkHost> StartOneAsync(string name)
    {
        running[name] = await NodeAsync(name, ports[name]);
        if (name == "billing-center")
        {
            // Operators hold a token already when the Billing Center goes down.
            await TokenAsync("op", Scopes.Operator);
        }

        return running[name];
    }

    /// <summary>Makes all access tokens worthless, once the Billing Center is started again.</summary>
    public void ChangeSigningKey()
    {
        signingKey.Dispose();
        signingKey = RSA.Create(2048);
        tokens.Clear();
    }

    /// <summary>A further node of a deployment that is not kept here.</summary>
    public async Task<LinkHost> NodeAsync(string name, int port, string? clientSecret = null)
    {
        if (!databases.TryGetValue(name, out var database))
        {
            databases[name] = database = await TestDatabase.CreateAsync();
        }

        return await LinkHost.StartAsync(
            database, name == "billing-center" ? null : name, port, UrlOf("billing-center"),
            new Dictionary<string, string> { ["cn4"] = UrlOf("cn4"), ["za1"] = UrlOf("za1") }, signingKey, clientSecret);
    }

    public async Task StopOneAsync(string name)
    {
        running.Remove(name, out var host);
        await host!.DisposeAsync();
    }

    public string UrlOf(string name) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[name]}");

    /// <summary>Asks a deployment as an OAuth client.</summary>
    public async Task<HttpResponseMessage> GetAsync(string name, string path, string clientId, string scope = Scopes.Link)
    {
        using var client = new HttpClient { BaseAddress = new Uri(UrlOf(name)) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync(clientId, scope));
        return await client.GetAsync(path);
    }

    /// <summary>The access token of an OAuth client.</summary>
    public async Task<string> TokenAsync(string clientId, string scope = Scopes.Link)
    {
        if (!tokens.TryGetValue($"{clientId} {scope}", out var token))
        {
            using var client = new HttpClient();
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials", ["client_id"] = clientId, ["client_secret"] = LinkHost.SecretOf(clientId), ["scope"] = scope,
            });
            using var answer = await client.PostAsync(UrlOf("billing-center") + "/connect/token", form);
            answer.EnsureSuccessStatusCode();
            token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
            tokens[$"{clientId} {scope}"] = token;
        }

        return token;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in running.Values)
        {
            await host.DisposeAsync();
        }

        foreach (var database in databases.Values)
        {
            await database.DisposeAsync();
        }

        signingKey.Dispose();
    }
}
