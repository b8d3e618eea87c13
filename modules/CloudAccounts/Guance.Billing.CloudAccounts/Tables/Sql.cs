using Guance.Billing.Platform.Writing;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Tables;

/// <summary>Plain SQL with parameters by position, in a command's transaction or beside it.</summary>
internal static class Sql
{
    public static NpgsqlCommand Command(this UnitOfWork work, string text, ReadOnlySpan<object?> values) =>
        With(new NpgsqlCommand(text, work.Connection, work.Transaction), values);

    public static NpgsqlCommand Command(this NpgsqlDataSource dataSource, string text, ReadOnlySpan<object?> values) =>
        With(dataSource.CreateCommand(text), values);

    public static async Task<IReadOnlyList<T>> ReadAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public static T? ValueOrNull<T>(this NpgsqlDataReader reader, int ordinal)
        where T : struct => reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<T>(ordinal);

    public static string? TextOrNull(this NpgsqlDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    private static NpgsqlCommand With(NpgsqlCommand command, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }

        return command;
    }
}
