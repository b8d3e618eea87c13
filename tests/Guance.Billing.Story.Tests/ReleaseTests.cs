using Guance.Billing.TestKit;
using Npgsql;

namespace Guance.Billing.Story.Tests;

/// <summary>The program itself, as those who release it run it.</summary>
public sealed class ReleaseTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_release_previews_and_makes_its_tables_and_rebuilds_its_snapshots_with_secrets_from_files_and_says_none_of_them()
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        var secrets = Directory.CreateTempSubdirectory("guance-secrets-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(secrets.FullName, "ConnectionStrings__Billing"), database.ConnectionString, Cancel);
            await File.WriteAllTextAsync(Path.Combine(secrets.FullName, "Link__ClientSecret"), "a secret of the link", Cancel);
            await File.WriteAllTextAsync(Path.Combine(secrets.FullName, "issuer.pem"), TestKeys.PublicKey, Cancel);
            var settings = new Dictionary<string, string?>
            {
                ["Secrets__Folder"] = secrets.FullName, ["Urls"] = "http://127.0.0.1:0", ["Deployment__Role"] = "site", ["Deployment__Site"] = "cn4",
                ["Deployment__PublicUrl"] = "https://cn4.example", ["Deployment__BillingCenterUrl"] = "https://billing.example", ["Link__ClientId"] = "site-cn4",
                ["Access__IssuerPublicKeyFile"] = Path.Combine(secrets.FullName, "issuer.pem"), ["Mail__PickupDirectory"] = secrets.FullName,
                ["ActivationMethods__Methods__huawei-cloud__MarketUrl"] = "https://market.example", ["HuaweiMarketplace__ProductUrl"] = "https://market.example",
            };

            var preview = await RunAsync(settings, "migrate", "--preview");
            var first = await RunAsync(settings, "migrate");
            var second = await RunAsync(settings, "migrate");
            var rebuilt = await RunAsync(settings, "rebuild");
            var wrong = await RunAsync(settings, "migrate", "--now");

            preview.ShouldContain("CREATE TABLE workspaces.");
            preview.ShouldEndWith("(exit code 0)");
            first.ShouldContain("Tables of workspaces: 2");
            first.ShouldEndWith("(exit code 0)");
            second.ShouldContain("Tables of workspaces: up to date");
            rebuilt.ShouldContain("Workspace: 0 compared with their events, 0 differed");
            rebuilt.ShouldEndWith("(exit code 0)");
            wrong.ShouldEndWith("(exit code 64)");
            var password = new NpgsqlConnectionStringBuilder(database.ConnectionString).Password;
            foreach (var said in new[] { preview, first, second, rebuilt, wrong })
            {
                said.ShouldNotContain(password!);
                said.ShouldNotContain("a secret of the link");
            }
        }
        finally
        {
            secrets.Delete(recursive: true);
        }
    }

    private static async Task<string> RunAsync(IReadOnlyDictionary<string, string?> settings, params string[] arguments)
    {
        using var process = AProcess.Start("Guance.Billing.Host", settings, arguments);
        return await process.OutputAsync();
    }
}
