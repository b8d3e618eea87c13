using Npgsql;

namespace Guance.Billing.Story.Tests;

/// <summary>The backup scripts where <see cref="TortureTests"/> does not take them: to an instant that lies before the archive's end.</summary>
public sealed class RestoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_is_restored_to_the_instant_before_a_mistake()
    {
        var folder = Directory.CreateTempSubdirectory("guance-restore-");
        try
        {
            Programs.Run("chmod", "755", folder.FullName);
            await using var servers = await TheServers.StartAsync(folder.FullName, withStandby: false);
            await ScalarAsync(servers, "create table fact as select 'before the backup' as what");
            servers.BackUp();
            await ScalarAsync(servers, "insert into fact values ('after the backup')");
            var instant = (DateTime)(await ScalarAsync(servers, "select clock_timestamp()"))!;
            await ScalarAsync(servers, "truncate fact");
            await ScalarAsync(servers, "insert into fact values ('after the mistake')");

            await servers.RestoreAsync(new DateTimeOffset(instant, TimeSpan.Zero));

            (await ScalarAsync(servers, "select string_agg(what, ', ' order by what desc) from fact")).ShouldBe("before the backup, after the backup");
            await ScalarAsync(servers, "insert into fact values ('it works again')");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<object?> ScalarAsync(TheServers servers, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(servers.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel);
    }
}
