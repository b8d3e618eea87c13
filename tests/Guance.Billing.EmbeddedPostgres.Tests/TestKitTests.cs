using Guance.Billing.TestKit;
using Npgsql;

namespace Guance.Billing.Postgres.Tests;

public sealed class TestKitTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_test_database_is_empty_its_own_and_gone_after_use()
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TestDatabase.CreateAsync(Cancel)));
        databases.Select(database => database.Name).ShouldBeUnique();

        // Someone who is still connected does not keep it.
        await using var connection = new NpgsqlConnection(databases[0].ConnectionString);
        await connection.OpenAsync(Cancel);
        foreach (var database in databases)
            await database.DisposeAsync();

        await using var server = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(await TestDatabase.ServerAsync()) { Database = "postgres" }.ConnectionString);
        await server.OpenAsync(Cancel);
        await using var left = new NpgsqlCommand("SELECT count(*) FROM pg_database WHERE datname = ANY($1)", server) { Parameters = { new() { Value = databases.Select(database => database.Name).ToArray() } } };
        (await left.ExecuteScalarAsync(Cancel)).ShouldBe(0L);
    }

    [Fact]
    public async Task Waiting_in_vain_says_what_for_and_what_was_seen_last()
    {
        var reads = 0;

        var timeout = await Should.ThrowAsync<TimeoutException>(() =>
            Eventually.Until(() => Task.FromResult(new { State = "locked", Reads = ++reads }), seen => seen.State == "normal", TimeSpan.FromSeconds(1)));

        reads.ShouldBeGreaterThan(1);
        timeout.Message.ShouldContain("seen.State == \"normal\"");
        timeout.Message.ShouldContain("{\"State\":\"locked\",\"Reads\":");
    }

    [Fact]
    public async Task A_read_that_fails_is_tried_again()
    {
        var reads = 0;

        var seen = await Eventually.Until(() => ++reads < 3 ? throw new InvalidOperationException("not yet") : Task.FromResult(reads), value => value == 3);

        seen.ShouldBe(3);
    }

    [Fact]
    public async Task A_read_that_fails_to_the_end_is_named()
    {
        var timeout = await Should.ThrowAsync<TimeoutException>(() =>
            Eventually.Until(() => Task.FromException<bool>(new InvalidOperationException("refused")), TimeSpan.Zero));

        timeout.Message.ShouldContain("InvalidOperationException: refused");
        timeout.InnerException.ShouldBeOfType<InvalidOperationException>();
    }
}
