using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Guance.Billing.SharedKernel;

/// <summary>An amount of one currency. In JSON: <c>{"amount": "13.40", "currency": "CNY"}</c>, the amount as text with at least two decimals.</summary>
/// <param name="Amount">The amount in the currency's main unit.</param>
/// <param name="Currency">The currency.</param>
[JsonConverter(typeof(MoneyJsonConverter))]
public readonly record struct Money(decimal Amount, Currency Currency)
{
    /// <summary>Nothing, in the currency.</summary>
    public static Money Zero(Currency currency) => new(0m, currency);

    /// <summary>The sum of two amounts of one currency.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Money operator +(Money left, Money right) => new(left.Amount + right.Amount, Same(left, right));

    /// <summary>The difference of two amounts of one currency.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Money operator -(Money left, Money right) => new(left.Amount - right.Amount, Same(left, right));

    /// <inheritdoc cref="op_Addition"/>
    public static Money Add(Money left, Money right) => left + right;

    /// <inheritdoc cref="op_Subtraction"/>
    public static Money Subtract(Money left, Money right) => left - right;

    /// <inheritdoc/>
    public override string ToString() => $"{AmountText} {Currency}";

    internal string AmountText => Amount.ToString("0.00##########################", CultureInfo.InvariantCulture);

    private static Currency Same(Money left, Money right) => left.Currency == right.Currency
        ? left.Currency
        : throw new InvalidOperationException($"{left.Currency} and {right.Currency} cannot be reckoned together.");
}

internal sealed class MoneyJsonConverter : JsonConverter<Money>
{
    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var wire = JsonSerializer.Deserialize<Wire>(ref reader, options) ?? throw new JsonException("Money is wanted.");
        return decimal.TryParse(wire.Amount, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount)
            ? new Money(amount, wire.Currency)
            : throw new JsonException("The amount of money is a decimal number as text.");
    }

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("amount", value.AmountText);
        writer.WriteString("currency", value.Currency.Value);
        writer.WriteEndObject();
    }

    private sealed record Wire(
        [property: JsonPropertyName("amount")] string Amount,
        [property: JsonPropertyName("currency")] Currency Currency);
}
