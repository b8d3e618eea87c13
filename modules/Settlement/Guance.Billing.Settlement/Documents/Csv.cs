using System.Globalization;
using System.Text;

namespace Guance.Billing.Settlement.Documents;

/// <summary>
/// Writes CSV (RFC 4180) row by row, so that a file of any length is never whole in memory. Files for people begin with a byte-order mark, by which
/// Excel knows them as UTF-8; files for programs do not.
/// </summary>
internal sealed class Csv(Stream body, bool forPeople) : IAsyncDisposable
{
    private readonly StreamWriter writer = new(body, new UTF8Encoding(forPeople), bufferSize: 16_384, leaveOpen: true) { NewLine = "\r\n" };
    private readonly StringBuilder row = new();

    public async Task RowAsync(IReadOnlyList<string?> fields, CancellationToken ct)
    {
        row.Clear();
        for (var i = 0; i < fields.Count; i++)
        {
            var field = fields[i] ?? "";
            row.Append(i == 0 ? "" : ",");
            _ = field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? row.Append(field) : row.Append('"').Append(field.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }

        await writer.WriteLineAsync(row, ct);
    }

    public async ValueTask DisposeAsync() => await writer.DisposeAsync();

    /// <summary>A name that somebody chose: with an apostrophe before it where a spreadsheet would take it for a formula.</summary>
    public static string Name(string text) => text.AsSpan().TrimStart() is [var first, ..] && "=+-@＝＋－＠".Contains(first, StringComparison.Ordinal) || text is ['\t' or '\r' or '\n', ..] ? "'" + text : text;

    public static string Number(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);

    public static string Amount(decimal amount) => amount.ToString("0.00##########################", CultureInfo.InvariantCulture);

    public static string Date(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
