using Guance.Billing.Platform;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Settlement;
using Guance.Billing.TestKit;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Benchmarks;

/// <summary>A Billing Center whose clock stands an hour into a billing day, <see cref="Day0"/>, and that knows no site.</summary>
internal sealed class BenchCenter : IAsyncDisposable
{
    private BenchCenter(TestDeployment deployment)
    {
        Deployment = deployment;
        Days = deployment.Services.GetRequiredService<BillingDays>();
        Source = deployment.Services.GetRequiredService<NpgsqlDataSource>();
        Day0 = Days.Of(deployment.Clock.GetUtcNow()).AddDays(1);
        deployment.Clock.Advance(Days.Begin(Day0).AddHours(1) - deployment.Clock.GetUtcNow());
    }

    public TestDeployment Deployment { get; }

    public BillingDays Days { get; }

    public NpgsqlDataSource Source { get; }

    public DateOnly Day0 { get; }

    public static Task<BenchCenter> StartAsync() => StartAsync([new SettlementModule(), new BenchMarket()], new Dictionary<string, string?> { ["Serilog:MinimumLevel:Default"] = "Error" });

    public static async Task<BenchCenter> StartAsync(IReadOnlyList<IModule> modules, IReadOnlyDictionary<string, string?> settings)
    {
        var center = new BenchCenter(await TestDeployment.StartAsync(modules, settings: settings));
        // Price book and partitions.
        await center.Deployment.Services.GetRequiredService<ITicks>().RunAllAsync(CancellationToken.None);
        return center;
    }

    public ValueTask DisposeAsync() => Deployment.DisposeAsync();

    /// <summary>A workspace that the Billing Center settles from the beginning of day 0 on.</summary>
    public async Task<WorkspaceId> BindAsync()
    {
        var id = Ids.Deterministic<WorkspaceId>("bench");
        await Deployment.Services.GetRequiredService<IDocumentStore>().BindAsync(
            [
                new(id, SiteCode.Of("cn4"), Ids.Deterministic<BillingAccountId>("bench"), "Bench", "zh", SettlementMethod.BillingCenter, null, Ids.Deterministic<RegistrationId>("bench"), Days.Begin(Day0)),
            ],
            CancellationToken.None);
        return id;
    }

    public async Task<int> ExecuteAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Source.Command(sql, values);
        command.CommandTimeout = 0;
        return await command.ExecuteNonQueryAsync(ct);
    }
}
