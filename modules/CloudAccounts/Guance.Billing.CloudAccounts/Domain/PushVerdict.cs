namespace Guance.Billing.CloudAccounts.Domain;

/// <summary>What an answer of the market means for a record.</summary>
internal enum PushVerdict
{
    /// <summary>No answer: the very same record is sent again.</summary>
    Unanswered,

    /// <summary>Taken.</summary>
    Accepted,

    /// <summary>Refused: the amount goes out again in a new window.</summary>
    Rejected,

    /// <summary>
    /// The market knows the record's serial number from a send whose answer was lost, and does not say whether it had taken it. The same
    /// window is sent under a further serial number: it is taken now, or known (010) and so had been taken.
    /// </summary>
    Doubtful,
}

/// <summary>How verdict codes are read (protocol §5.2).</summary>
internal static class PushVerdicts
{
    private const string SerialNumberKnown = "005";
    private const string WindowKnown = "010";

    /// <summary>
    /// No two records of ours share a window, so a window that is known was taken from a send of this very record. Once in doubt, only that or
    /// an acceptance tells: any other refusal may be about the repetition alone.
    /// </summary>
    /// <param name="furtherNumber">Which further serial number it was sent under; 0 for its own.</param>
    /// <param name="code">The verdict's code; null when nothing was wrong.</param>
    public static PushVerdict Of(int furtherNumber, string? code) => code switch
    {
        null or WindowKnown => PushVerdict.Accepted,
        SerialNumberKnown => PushVerdict.Doubtful,
        _ => furtherNumber > 0 ? PushVerdict.Doubtful : PushVerdict.Rejected,
    };
}

/// <summary>Serial numbers of records: made of the window, so a record that is planned again has the same.</summary>
internal static class MeteringSn
{
    public static string Of(CloudInstanceKey instance, PushWindow window) => Ids.DeterministicGuid(
        "usage-push", instance.ToString(), $"{window.BeginsAt.ToUnixTimeSeconds()}", $"{window.EndsAt.ToUnixTimeSeconds()}").ToString("N");

    /// <summary>As it is sent.</summary>
    public static string OnWire(string meteringSn, int furtherNumber) => furtherNumber == 0 ? meteringSn : $"{meteringSn}-{furtherNumber}";
}
