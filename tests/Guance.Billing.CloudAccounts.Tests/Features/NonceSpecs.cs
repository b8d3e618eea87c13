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
    public async Task Of_many_calls_at_once_with_few_nonces_each_nonce_is_taken_once()
    {
        const int Nonces = 20;

        var answers = await Task.WhenAll(Enumerable.Range(0, Nonces * 3).Select(n => market.CallAsync(Call, nonce: $"at-once-{n % Nonces}")));

        answers.Count(answer => answer.Code() == "000003").ShouldBe(Nonces);
        answers.Count(answer => answer.Code() == "000002").ShouldBe(Nonces * 2);
    }

    [Fact]
    public async Task Nonces_are_forgotten_once_their_calls_would_be_too_late()
    {
        var before = market.Clock.GetUtcNow();
        await market.CallAsync(Call, nonce: "to-be-forgotten");
        var after = market.Clock.GetUtcNow();
        (await CountAsync("select count(*) from cloud_accounts.nonce where nonce = 'to-be-forgotten'")).ShouldBe(1);

        // For twice the 60 s that a clock may be off. The clock goes on while the test runs, so the instant is looked at, and neared only so far.
        var until = new DateTimeOffset(await ReadAsync<DateTime>("select remembered_until from cloud_accounts.nonce where nonce = 'to-be-forgotten'"));
        until.ShouldBeInRange(before.AddSeconds(120).AddMicroseconds(-1), after.AddSeconds(120)); // a database knows microseconds
        await market.BillingCenter.AdvanceAsync(until.AddSeconds(-40) - market.Clock.GetUtcNow());
        (await CountAsync("select count(*) from cloud_accounts.nonce where nonce = 'to-be-forgotten'")).ShouldBe(1);

        await market.BillingCenter.AdvanceAsync(until.AddSeconds(1) - market.Clock.GetUtcNow());
        (await CountAsync("select count(*) from cloud_accounts.nonce where nonce = 'to-be-forgotten'")).ShouldBe(0);
    }

    [Fact]
    public async Task The_table_costs_no_write_ahead_log() =>
        (await CountAsync("select count(*) from pg_class where oid = 'cloud_accounts.nonce'::regclass and relpersistence = 'u'")).ShouldBe(1);

    private Task<long> CountAsync(string sql) => ReadAsync<long>(sql);

    private async Task<T> ReadAsync<T>(string sql)
    {
        await using var command = market.BillingCenter.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!; // neither a count nor the column is null
    }
}
