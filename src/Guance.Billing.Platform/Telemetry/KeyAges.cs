using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Guance.Billing.Platform.Access;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.Platform.Telemetry;

/// <summary>
/// The gauge <c>guance.key.age</c>: how long each secret of this deployment's settings has been in use, since a key or a password does not say how old it is. The deployment keeps when it
/// first saw it, by a fingerprint that leads nowhere.
/// </summary>
internal sealed class KeyAges(IConfiguration configuration, Deployment deployment, NpgsqlDataSource dataSource, IMeterFactory meters, TimeProvider clock, ILogger<KeyAges> log)
    : GaugeService(meters, clock, log)
{
    private const int Iterations = 20_000;
    private const int FingerprintLength = 16;

    private (string Name, DateTimeOffset Since)[] keys = [];

    protected override void Create(Meter meter) => meter.CreateObservableGauge(
        "guance.key.age", () => keys.Select(key => new Measurement<double>(AgeOf(key.Since), KeyValuePair.Create<string, object?>("key", key.Name))), "s", "How long a key has been in use");

    /// <summary>Once: keys change with a start alone.</summary>
    protected override async Task MeasureAsync(CancellationToken ct)
    {
        if (keys.Length > 0)
        {
            return;
        }

        var seen = new List<(string, DateTimeOffset)>();
        foreach (var (name, secret) in Secrets())
        {
            await using var see = dataSource.CreateCommand(
                """
                insert into platform.key_seen as seen (name, fingerprint, first_seen_at) values ($1, $2, $3)
                on conflict (name, fingerprint) do update set first_seen_at = seen.first_seen_at returning first_seen_at
                """);
            see.Parameters.Add(new() { Value = name });
            see.Parameters.Add(new() { Value = Rfc2898DeriveBytes.Pbkdf2(secret, Encoding.UTF8.GetBytes($"guance-billing key {name}"), Iterations, HashAlgorithmName.SHA256, FingerprintLength) });
            see.Parameters.Add(new() { Value = Now });
            seen.Add((name, new DateTimeOffset((DateTime)(await see.ExecuteScalarAsync(ct))!)));
        }

        keys = [.. seen];
    }

    private IEnumerable<(string Name, string Secret)> Secrets() =>
        new[]
        {
            ("access-signing", deployment.Role is DeploymentRole.BillingCenter ? TokenKeys.Signing(configuration)[0].KeyId : null),
            ("link", configuration["Link:ClientSecret"]),
            ("marketplace-access", configuration["HuaweiMarketplace:AccessKey"]),
            ("marketplace-iam", configuration["HuaweiMarketplace:Iam:SecretAccessKey"]),
        }
        .Concat(configuration.GetSection("Access:Clients").GetChildren().Select(client => ($"client-{client["Id"]}", client["Secret"])))
        .Where(secret => !string.IsNullOrEmpty(secret.Item2)).Select(secret => (secret.Item1, secret.Item2!));
}
