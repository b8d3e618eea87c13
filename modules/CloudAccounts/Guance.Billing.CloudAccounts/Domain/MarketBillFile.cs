using System.Globalization;
using System.Text;

namespace Guance.Billing.CloudAccounts.Domain;

/// <summary>The names of the columns of the market's monthly file. The market publishes none (protocol §9); these are the defaults.</summary>
internal sealed record MarketBillColumns(
    string Month = "month", string InstanceId = "instance_id", string Day = "day", string Amount = "amount", string Currency = "currency", string MeteringSn = "metering_sn");

/// <summary>One line of a monthly file.</summary>
/// <param name="Line">Its number in the file; the header is line 1.</param>
/// <param name="MeteringSn">Null where the file does not name records.</param>
internal sealed record MarketBillLine(int Line, string InstanceId, DateOnly Day, decimal Amount, string? MeteringSn);

/// <summary>A line that cannot be taken.</summary>
internal sealed record MarketBillFault(int Line, string What);

/// <summary>The market's monthly file, read whole; with any fault it is not to be used.</summary>
/// <param name="Month">Its first day.</param>
internal sealed record MarketBillFile(DateOnly Month, IReadOnlyList<MarketBillLine> Lines, IReadOnlyList<MarketBillFault> Faults)
{
    private const int FaultsMax = 50;
    private static readonly string[] MonthForms = ["yyyy-MM", "yyyyMM", "yyyy/MM"];
    private static readonly string[] DayForms = ["yyyy-MM-dd", "yyyyMMdd", "yyyy/MM/dd"];

    public static MarketBillFile Read(string text, MarketBillColumns columns, Currency currency)
    {
        var faults = new List<MarketBillFault>();
        var records = Split(text.TrimStart('\uFEFF')).ToArray();
        if (records.Length < 2)
        {
            return new(default, [], [new(1, "The file holds no lines below its header.")]);
        }

        var header = records[0].Fields.Select((name, index) => (Name: name.Trim(), index)).DistinctBy(column => column.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(column => column.Name, column => column.index, StringComparer.OrdinalIgnoreCase);
        foreach (var wanted in new[] { columns.Month, columns.InstanceId, columns.Day, columns.Amount, columns.Currency }.Where(name => !header.ContainsKey(name)))
        {
            faults.Add(new(1, $"The column '{wanted}' is missing."));
        }

        if (faults.Count > 0)
        {
            return new(default, [], faults);
        }

        var lines = new List<MarketBillLine>(records.Length - 1);
        var meteringSns = new Dictionary<string, int>(StringComparer.Ordinal);
        DateOnly? month = null;
        foreach (var (number, fields) in records.Skip(1))
        {
            var before = faults.Count;
            var billed = Day(Field(columns.Month), MonthForms);
            var day = Day(Field(columns.Day), DayForms);
            var instance = Field(columns.InstanceId);
            var meteringSn = header.ContainsKey(columns.MeteringSn) && Field(columns.MeteringSn) is { Length: > 0 } named ? named : null;
            Require(fields.Count == header.Count, $"It has {fields.Count} fields, the header {header.Count}.");
            Require(billed is not null, $"The month '{Field(columns.Month)}' is not of the form 2026-03.");
            Require(billed is null || billed == (month ??= billed), "It is of another month than the lines before it: send one file a month.");
            Require(day is not null, $"The day '{Field(columns.Day)}' is not of the form 2026-03-31.");
            Require(instance.Length is >= 1 and <= 64, "An instance ID has 1 to 64 characters.");
            Require(decimal.TryParse(Field(columns.Amount), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount),
                $"The amount '{Field(columns.Amount)}' is not a decimal number such as 13.40.");
            Require(Field(columns.Currency) == currency.Value, $"The currency is '{Field(columns.Currency)}'; this Billing Center's is {currency}.");
            Require(meteringSn is null || meteringSns.TryAdd(meteringSn, number), $"The record '{meteringSn}' is in line {(meteringSn is null ? 0 : meteringSns.GetValueOrDefault(meteringSn))}, too.");
            if (faults.Count == before)
            {
                lines.Add(new(number, instance, day!.Value, amount, meteringSn)); // required above
            }

            if (faults.Count >= FaultsMax)
            {
                break;
            }

            string Field(string column) => header[column] is var index && index < fields.Count ? fields[index].Trim() : "";

            void Require(bool holds, string otherwise)
            {
                if (!holds)
                {
                    faults.Add(new(number, otherwise));
                }
            }
        }

        return new(month ?? default, lines, faults);
    }

    private static DateOnly? Day(string text, string[] forms) =>
        DateOnly.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>Comma-separated values (RFC 4180); lines without any content are none.</summary>
    private static IEnumerable<(int Line, IReadOnlyList<string> Fields)> Split(string text)
    {
        var (fields, field, isQuoted, line, begun) = (new List<string>(), new StringBuilder(), false, 1, 1);
        for (var at = 0; at <= text.Length; at++)
        {
            var c = at < text.Length ? text[at] : '\n';
            switch (c)
            {
                case '"' when isQuoted && at + 1 < text.Length && text[at + 1] == '"':
                    field.Append('"');
                    at++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case ',' when !isQuoted:
                    fields.Add(Taken());
                    break;
                case '\n' when !isQuoted || at == text.Length:
                    fields.Add(Taken());
                    if (fields.Count > 1 || fields[0].Length > 0)
                    {
                        yield return (begun, fields);
                    }

                    (fields, line) = ([], line + 1);
                    begun = line;
                    break;
                case '\r' when !isQuoted:
                    break;
                default:
                    line += c == '\n' ? 1 : 0;
                    field.Append(c);
                    break;
            }
        }

        string Taken()
        {
            var taken = field.ToString();
            field.Clear();
            return taken;
        }
    }
}
