namespace Guance.Billing.Settlement;

/// <summary>The shape of what customers type from their cloud's console.</summary>
internal static class CloudIds
{
    private const int LengthMax = 64;

    public static bool IsAccountId(string? text) => IsId(text);

    public static bool IsInstanceId(string? text) => IsId(text);

    public static bool IsOrderNumber(string? text) => IsId(text);

    private static bool IsId(string? text) =>
        text?.Trim() is { Length: > 0 and <= LengthMax } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
