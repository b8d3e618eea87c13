using Guance.Billing.Platform.Data;
using Medallion.Threading.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenIddict.Abstractions;

namespace Guance.Billing.Platform.Access;

/// <summary>
/// Makes the stored OAuth clients those of the settings <c>Access__Clients__{n}__Id</c>, <c>…__Secret</c>, <c>…__Scopes</c> (separated by
/// spaces): at every start, on one node at a time. A changed secret replaces the old one; a client that is not set any more is removed.
/// </summary>
internal sealed class Clients(IServiceScopeFactory scopes, IConfiguration configuration, HeldConnections connections) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var wanted = configuration.GetSection("Access:Clients").GetChildren().Select(Client).ToDictionary(client => client.ClientId!, StringComparer.Ordinal);
        var only = new PostgresDistributedLock(new PostgresAdvisoryLockKey("access:clients", allowHashing: true), connections.Source);
        await using var held = await only.AcquireAsync(TimeSpan.FromMinutes(1), cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();

        var known = new Dictionary<string, object>(StringComparer.Ordinal);
        await foreach (var application in applications.ListAsync(count: null, offset: null, cancellationToken))
        {
            known.Add((await applications.GetClientIdAsync(application, cancellationToken))!, application);
        }

        foreach (var (id, application) in known)
        {
            if (!wanted.TryGetValue(id, out var client))
            {
                await applications.DeleteAsync(application, cancellationToken);
            }
            else if (!await IsAsync(applications, application, client, cancellationToken))
            {
                await applications.UpdateAsync(application, client, cancellationToken);
            }
        }

        foreach (var client in wanted.Values.Where(client => !known.ContainsKey(client.ClientId!)))
        {
            await applications.CreateAsync(client, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task<bool> IsAsync(
        IOpenIddictApplicationManager applications, object application, OpenIddictApplicationDescriptor client, CancellationToken ct) =>
        client.Permissions.SetEquals(await applications.GetPermissionsAsync(application, ct))
        && await applications.ValidateClientSecretAsync(application, client.ClientSecret!, ct);

    private static OpenIddictApplicationDescriptor Client(IConfigurationSection section)
    {
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = Required(section, "Id"),
            ClientSecret = Required(section, "Secret"),
            ClientType = OpenIddictConstants.ClientTypes.Confidential,
            Permissions = { OpenIddictConstants.Permissions.Endpoints.Token, OpenIddictConstants.Permissions.GrantTypes.ClientCredentials },
        };
        foreach (var scope in Required(section, "Scopes").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TokenServer.AllScopes.Contains(scope))
            {
                throw new InvalidOperationException($"{section.Path.Replace(":", "__", StringComparison.Ordinal)}__Scopes names '{scope}'; there are {string.Join(", ", TokenServer.AllScopes)}.");
            }

            descriptor.Permissions.Add(OpenIddictConstants.Permissions.Prefixes.Scope + scope);
        }

        return descriptor;
    }

    private static string Required(IConfigurationSection section, string key) => section[key] is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{section.Path.Replace(":", "__", StringComparison.Ordinal)}__{key} is missing.");
}
