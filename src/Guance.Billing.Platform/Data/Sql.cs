using Guance.Billing.Platform.Writing;
using Npgsql;

namespace Guance.Billing.Platform.Data;

/// <summary>Plain SQL with parameters by position, in a command's transaction or beside it.</summary>
public static class Sql
{
    /// <summary>A command in the open transaction.</summary>
    /// <param name="work">The transaction; it must be open.</param>
    /// <param name="text">One statement, or several without parameters.</param>
    /// <param name="values">What <c>$1</c>, <c>$2</c>… stand for; null is SQL's null.</param>
    public static NpgsqlCommand Command(this UnitOfWork work, string text, params ReadOnlySpan<object?> values) =>
        With(new NpgsqlCommand(text, work.Connection, work.Transaction), values);

    /// <summary>A command in a transaction that is not a command's.</summary>
    /// <param name="transaction">The transaction; it must be open.</param>
    /// <param name="text">One statement, or several without parameters.</param>
    /// <param name="values">What <c>$1</c>, <c>$2</c>… stand for; null is SQL's null.</param>
    public static NpgsqlCommand Command(this NpgsqlTransaction transaction, string text, params ReadOnlySpan<object?> values) =>
        With(new NpgsqlCommand(text, transaction.Connection, transaction), values);

    /// <summary>A command on an open connection, in the transaction that it is in, if any.</summary>
    /// <param name="connection">The connection; it must be open.</param>
    /// <param name="text">One statement, or several without parameters.</param>
    /// <param name="values">What <c>$1</c>, <c>$2</c>… stand for; null is SQL's null.</param>
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string text, params ReadOnlySpan<object?> values) =>
        With(new NpgsqlCommand(text, connection), values);

    /// <summary>A command on a connection of its own.</summary>
    /// <param name="dataSource">Where the connection comes from.</param>
    /// <param name="text">One statement, or several without parameters.</param>
    /// <param name="values">What <c>$1</c>, <c>$2</c>… stand for; null is SQL's null.</param>
    public static NpgsqlCommand Command(this NpgsqlDataSource dataSource, string text, params ReadOnlySpan<object?> values) =>
        With(dataSource.CreateCommand(text), values);

    /// <summary>Every row that the command gives.</summary>
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

    /// <summary>A column's value, or null.</summary>
    public static T? ValueOrNull<T>(this NpgsqlDataReader reader, int ordinal)
        where T : struct => reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<T>(ordinal);

    /// <summary>A column's text, or null.</summary>
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
