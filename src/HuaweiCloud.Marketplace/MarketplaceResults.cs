namespace HuaweiCloud.Marketplace;

/// <summary>What the seller answers.</summary>
/// <param name="Code">One of <see cref="MarketplaceResultCodes"/>.</param>
/// <param name="Message">A sentence for the marketplace's log, and on refusals for the buyer; cut at 255 characters.</param>
public record MarketplaceResult(string Code, string? Message = null)
{
    /// <summary>Done.</summary>
    public static MarketplaceResult Success { get; } = new(MarketplaceResultCodes.Success);
}

/// <summary>The answer to <c>newInstance</c> (protocol §2.1).</summary>
/// <param name="Code">One of <see cref="MarketplaceResultCodes"/>.</param>
/// <param name="Message">A sentence, at most 255 characters.</param>
/// <param name="InstanceId">At most 64 characters; needed with <see cref="MarketplaceResultCodes.Success"/> and
/// <see cref="MarketplaceResultCodes.Processing"/>.</param>
/// <param name="AppInfo">Sent on V1.0, and on V2.0 when <see cref="HuaweiMarketplaceOptions.AppInfoInNewInstance"/> says so.</param>
public sealed record NewInstanceResult(string Code, string? Message = null, string? InstanceId = null, ApplicationInfo? AppInfo = null)
    : MarketplaceResult(Code, Message)
{
    /// <summary>The instance is ready.</summary>
    public static NewInstanceResult Created(string instanceId, ApplicationInfo? appInfo = null) =>
        new(MarketplaceResultCodes.Success, null, instanceId, appInfo);

    /// <summary>The instance will be ready; the marketplace polls <c>queryInstance</c>.</summary>
    public static NewInstanceResult Accepted(string instanceId) => new(MarketplaceResultCodes.Processing, "processing", instanceId);

    /// <summary>No instance, with a code and a sentence.</summary>
    public static NewInstanceResult Refused(string code, string message) => new(code, message);
}

/// <summary>The answer to <c>queryInstance</c> (protocol §2.2).</summary>
/// <param name="Code">One of <see cref="MarketplaceResultCodes"/>: <see cref="MarketplaceResultCodes.Processing"/> while provisioning,
/// <see cref="MarketplaceResultCodes.InstanceNotFound"/> when none is known.</param>
/// <param name="Message">A sentence, at most 255 characters.</param>
/// <param name="Instances">Those of the asked ids that are known.</param>
public sealed record QueryInstanceResult(string Code, string? Message = null, IReadOnlyList<InstanceInfo>? Instances = null)
    : MarketplaceResult(Code, Message)
{
    /// <summary>These are known.</summary>
    public static QueryInstanceResult Found(IReadOnlyList<InstanceInfo> instances) => new(MarketplaceResultCodes.Success, null, instances);

    /// <summary>Nothing to show, with a code and a sentence.</summary>
    public static QueryInstanceResult Refused(string code, string message) => new(code, message);
}

/// <summary>One instance as the buyer sees it (protocol §2.2).</summary>
/// <param name="InstanceId">The instance, at most 64 characters.</param>
/// <param name="AppInfo">Application information.</param>
/// <param name="Usage">Needed for pay-per-use and package instances, one entry per billing item of a package.</param>
public sealed record InstanceInfo(string InstanceId, ApplicationInfo? AppInfo = null, IReadOnlyList<UsageInfo>? Usage = null);

/// <summary>How the buyer gets into the application (protocol §2.2). V2.0 sends user name and password in plain text over TLS; on V1.0
/// this library encrypts them (protocol §8.3). <see cref="ToString"/> shows neither.</summary>
/// <param name="FrontEndUrl">The application, at most 512 characters.</param>
/// <param name="AdminUrl">Its administration, at most 512 characters.</param>
/// <param name="UserName">At most 128 characters (V1.0: of the cipher text).</param>
/// <param name="Password">The initial password, at most 128 characters (V1.0: of the cipher text).</param>
/// <param name="Memo">At most 1024 characters; sent with non-ASCII as <c>\uXXXX</c>.</param>
public sealed record ApplicationInfo(
    string FrontEndUrl, string? AdminUrl = null, string? UserName = null, string? Password = null, string? Memo = null)
{
    /// <inheritdoc/>
    public override string ToString() => $"{nameof(ApplicationInfo)} {{ FrontEndUrl = {FrontEndUrl} }}";
}

/// <summary>How much is used (protocol §2.2).</summary>
/// <param name="UsageValue">Cumulative total of a pay-per-use instance, used amount of a package; at most 4 decimals.</param>
/// <param name="StatisticalTime">As of when.</param>
/// <param name="RelatedInstanceId">The pay-per-use instance this package's use belongs to.</param>
/// <param name="DashboardUrl">Where the buyer sees more, at most 512 characters.</param>
public sealed record UsageInfo(decimal UsageValue, DateTimeOffset StatisticalTime, string? RelatedInstanceId = null, string? DashboardUrl = null);
