namespace Guance.Billing.Settlement.Documents;

/// <summary>Who pays, as bills name it.</summary>
internal static class Payers
{
    public static bool IsCloud(string payer) => payer != SettlementMethod.BillingCenter.Value;

    /// <summary>The cloud of a payer; null of the Billing Center.</summary>
    public static string? Provider(string payer) => IsCloud(payer) ? payer.Split('/')[0] : null;

    public static string Instance(string payer) => payer[(payer.IndexOf('/', StringComparison.Ordinal) + 1)..];

    public static string InvoicedBy(string payer) => Provider(payer) ?? "guance";
}
