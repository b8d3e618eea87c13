using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>A call is taken once, whichever node it comes to (protocol §3).</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class NonceSpecs(MarketFixture market)
{
    private static readonly object Call = new { activity = "queryInstance", instanceId = "no-such-instance" };

    [Fact]
    public async Task A_call_played_again_at_another_node_is_refused()
    {
        var database = market.BillingCenter.Services.GetRequiredService<IConfiguration>().GetConnectionString("Billing");
        await using var other = await market.StartNodeAsync(database);

        (await market.CallAsync(Call, nonce: "played-again")).Code().ShouldBe("000003");
        (await market.CallAsync(Call, nonce: "played-again", node: other)).Code().ShouldBe("000002");
        (await market.CallAsync(Call, nonce: "played-again")).Code().ShouldBe("000002");
        (await market.CallAsync(Call, nonce: "another", node: other)).Code().ShouldBe("000003");
    }

    [Fact]
    public async Task Nonces_are_forgotten_once_their_calls_would_be_too_late()
    {
        await market.CallAsync(Call, nonce: "to-be-forgotten");
        (await CountAsync("select count(*) from cloud_accounts.nonce where nonce = 'to-be-forgotten'")).ShouldBe(1);

        await market.BillingCenter.AdvanceAsync(TimeSpan.FromSeconds(119)); // remembered for twice the 60 s that a clock may be off
        (await CountAsync("select count(*) from cloud_accounts.nonce where nonce = 'to-be-forgotten'")).ShouldBe(1);

        await market.BillingCenter.AdvanceAsync(TimeSpan.FromSeconds(2));
        (await CountAsync("select count(*) from cloud_accounts.nonce where nonce = 'to-be-forgotten'")).ShouldBe(0);
    }

    [Fact]
    public async Task The_table_costs_no_write_ahead_log() =>
        (await CountAsync("select count(*) from pg_class where oid = 'cloud_accounts.nonce'::regclass and relpersistence = 'u'")).ShouldBe(1);

    private async Task<long> CountAsync(string sql)
    {
        await using var command = market.BillingCenter.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!; // count is never null
    }
}
