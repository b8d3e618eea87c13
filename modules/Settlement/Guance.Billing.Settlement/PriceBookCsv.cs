using System.Globalization;
using System.Text.RegularExpressions;
using CsvHelper;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Settlement;

/// <summary>What is wrong in a line of a price book.</summary>
/// <param name="Line">Counted from 1, the header's.</param>
/// <param name="What">A sentence.</param>
internal sealed record PriceBookError(int Line, string What);

/// <summary>The price book as a file: one price a line.</summary>
internal static partial class PriceBookCsv
{
    public const string Header = "item,aggregation,unit,unitQuantity,retentionDays,currency,region,price,effectiveFrom";
    private const int ErrorsMax = 100;
    private const int LinesMax = 20_000;
    private const int DecimalsMax = 6;
    private const int RetentionDaysMax = 3_660;
    private static readonly string[] Columns = Header.Split(',');
    private static readonly CsvReaderOptions Form = new()
    {
        Separator = ',', HasHeader = false, TrackLineNumbers = true, TrimWhitespace = true, FieldCountMismatch = CsvFieldCountHandling.Allow,
    };

    public static string Write(IEnumerable<Price> prices)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true))
        {
            csv.WriteRecord(Columns);
            foreach (var price in prices)
            {
                csv.WriteRecord(
                [
                    price.Item, price.Aggregation is ItemAggregation.Sum ? "sum" : "max", price.Unit, Text(price.UnitQuantity),
                    price.RetentionDays == 0 ? "" : Text(price.RetentionDays), price.Currency, price.Region, Text(price.Amount),
                    price.EffectiveFrom.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                ]);
            }
        }

        return text.ToString();
    }

    /// <summary>Reads a whole book, or says everything that is wrong with it (at most 100 errors).</summary>
    public static (IReadOnlyList<Price> Prices, IReadOnlyList<PriceBookError> Errors) Read(string text)
    {
        var errors = new List<PriceBookError>();
        var prices = new List<(Price Price, int Line)>();
        using var csv = CsvReader.FromText(text, Form);
        try
        {
            if (!csv.Read() || csv.FieldCount != Columns.Length || Columns.Where((name, index) => csv.GetString(index) != name).Any())
            {
                return ([], [new(1, $"The first line is: {Header}")]);
            }

            while (csv.Read() && errors.Count < ErrorsMax)
            {
                var number = (int)csv.LineNumber;
                if (prices.Count >= LinesMax)
                {
                    errors.Add(new(number, $"A price book has at most {LinesMax} lines."));
                    break;
                }

                if (csv.FieldCount != Columns.Length)
                {
                    errors.Add(new(number, $"A line has {Columns.Length} fields, this one {csv.FieldCount}."));
                    continue;
                }

                var wrong = new List<string>();
                prices.Add((ReadLine(csv, wrong), number));
                errors.AddRange(wrong.Select(what => new PriceBookError(number, what)));
            }
        }
        catch (CsvFormatException malformed)
        {
            errors.Add(new((int)malformed.LineNumber, "The line is not well-formed CSV: see to its quotes."));
        }

        errors.AddRange(errors.Count > 0 ? [] : Contradictions(prices));
        errors.AddRange(prices.Count > 0 || errors.Count > 0 ? [] : [new(2, "There is no price in it.")]);
        return ([.. prices.Select(line => line.Price)], [.. errors.Take(ErrorsMax)]);
    }

    private static Price ReadLine(CsvReader csv, List<string> wrong)
    {
        var retention = Field("retentionDays");
        return new(
            Check("item", Field("item"), Code().IsMatch(Field("item")), "is lowercase words joined by '-', at most 64 characters"),
            Field("aggregation") switch
            {
                "sum" => ItemAggregation.Sum,
                "max" => ItemAggregation.Max,
                var other => Check("aggregation", ItemAggregation.Sum, false, $"is sum or max, not '{other}'"),
            },
            Check("unit", Field("unit"), Field("unit").Length is > 0 and <= 32, "is 1 to 32 characters"),
            Number("unitQuantity", number => number > 0, "a number above 0"),
            retention.Length == 0 ? 0 : int.TryParse(retention, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= RetentionDaysMax
                ? days
                : Check("retentionDays", 0, false, $"is empty or a whole number from 1 to {RetentionDaysMax}"),
            Check("currency", Field("currency"), Currency.TryParse(Field("currency"), null, out _), "is three capital letters, such as CNY"),
            Check("region", Field("region"), Code().IsMatch(Field("region")), "is a region group, such as china or overseas"),
            Number("price", number => number >= 0, "a number, 0 or above"),
            DateOnly.TryParseExact(Field("effectiveFrom"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)
                ? from
                : Check("effectiveFrom", DateOnly.MinValue, false, "is a date, such as 2026-01-31"));

        string Field(string name) => csv.GetString(Array.IndexOf(Columns, name));

        decimal Number(string name, Func<decimal, bool> isGood, string what) =>
            decimal.TryParse(Field(name), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && isGood(number)
                && number < 1_000_000_000_000m && decimal.Round(number, DecimalsMax) == number
                ? number
                : Check(name, 1m, false, $"is {what}, below a million million and with at most {DecimalsMax} decimals");

        T Check<T>(string name, T value, bool isGood, string what)
        {
            if (!isGood)
            {
                wrong.Add($"'{name}' {what}.");
            }

            return value;
        }
    }

    private static IEnumerable<PriceBookError> Contradictions(List<(Price Price, int Line)> lines)
    {
        var seen = new HashSet<(PriceKey, DateOnly)>();
        var items = new Dictionary<string, (Price Price, int Line)>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (!seen.Add((line.Price.Key(), line.Price.EffectiveFrom)))
            {
                yield return new(line.Line, "The same item, retention, currency, region and date stand in a line before.");
            }

            var first = items.TryGetValue(line.Price.Item, out var known) ? known : items[line.Price.Item] = line;
            if ((first.Price.Aggregation, first.Price.Unit, first.Price.RetentionDays == 0) != (line.Price.Aggregation, line.Price.Unit, line.Price.RetentionDays == 0))
            {
                yield return new(line.Line, $"Aggregation, unit, and whether it has retentions must be the same for all of '{line.Price.Item}': line {first.Line} has it otherwise.");
            }
        }
    }

    private static string Text(decimal number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?=.{1,64}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Code();
}
