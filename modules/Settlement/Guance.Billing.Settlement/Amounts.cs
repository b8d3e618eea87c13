namespace Guance.Billing.Settlement;

/// <summary>The shape of amounts that people give.</summary>
internal static class Amounts
{
    private const decimal Max = 1_000_000_000m;

    /// <summary>The amount of what is credited.</summary>
    /// <exception cref="BillingRefusal"><c>amount-invalid</c>, <c>currency-not-accounted</c>.</exception>
    public static decimal ToCredit(Money? given, Currency currency, string field)
    {
        if (given is not { Amount: > 0 and <= Max } money || decimal.Round(money.Amount, 2) != money.Amount)
        {
            throw BillingRefusal.InvalidField(field, "amount-invalid", $"Give an amount above zero and up to {Max:0}, with at most two decimals.");
        }

        return money.Currency == currency
            ? money.Amount
            : throw BillingRefusal.Unprocessable("currency-not-accounted", $"This Billing Center accounts in {currency}. Give the amount in {currency}.");
    }
}
