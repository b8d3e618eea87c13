using System.Net;

namespace HuaweiCloud.Marketplace;

/// <summary>The marketplace's API refused, or answered what cannot be read (protocol §5.1, §5.2). That it was not reached at all is an
/// <see cref="HttpRequestException"/> or a <see cref="TaskCanceledException"/>, as ever.</summary>
public sealed class MarketplaceApiException : Exception
{
    internal MarketplaceApiException(
        HttpStatusCode status, string? code, string? apiMessage, TimeSpan? retryAfter, IReadOnlyList<AbnormalUsageRecord>? abnormal = null)
        : base($"The marketplace answered HTTP {(int)status}, code {code ?? "(none)"}: {apiMessage ?? "(no message)"}")
    {
        (Status, Code, RetryAfter, AbnormalRecords) = (status, code, retryAfter, abnormal ?? []);
        MayRetry = RetryMayHelp(status, code);
    }

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Such as <c>MKT.0150</c>, <c>94060001</c> or <c>APIGW.0301</c>; null when the answer held none.</summary>
    public string? Code { get; }

    /// <summary>The same call may succeed later: an internal error or too many calls. False: something must be changed first.</summary>
    public bool MayRetry { get; }

    /// <summary>How long to wait, when the answer says.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Records of a usage push refused by name.</summary>
    public IReadOnlyList<AbnormalUsageRecord> AbnormalRecords { get; }

    // Input errors come with HTTP 500 too (MKT.0100, MKT.9001 to 9005), so the code speaks first and the status only for codes not known.
    private static bool RetryMayHelp(HttpStatusCode status, string? code) => code switch
    {
        "MKT.0999" or "MKT.0250" or "94060001" => true,
        not null when code.StartsWith("MKT.", StringComparison.Ordinal) && code != "MKT.0000" => false,
        _ => (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests,
    };
}
