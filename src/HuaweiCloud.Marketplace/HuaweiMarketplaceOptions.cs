using Microsoft.Extensions.Options;

namespace HuaweiCloud.Marketplace;

/// <summary>Settings; bound to the configuration section <see cref="SectionName"/>. Read at every call, so a reloaded configuration
/// rotates keys without a restart.</summary>
public sealed class HuaweiMarketplaceOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "HuaweiMarketplace";

    /// <summary>The marketplace's API, such as <c>https://mkt.myhuaweicloud.com</c> (hosts per site: protocol §5, §11). HTTPS, except to
    /// this machine itself.</summary>
    public Uri? ApiBaseUrl { get; set; }

    /// <summary>The seller's key bound to the production interface ("accessKey", protocol §1). Not the IAM key.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>The key before, still accepted while keys are changed.</summary>
    public string? AccessKeyPrevious { get; set; }

    /// <summary>IAM keys for what the seller calls (protocol §7).</summary>
    public IamOptions Iam { get; set; } = new();

    /// <summary>The legacy protocol (protocol §8).</summary>
    public V1Options V1 { get; set; } = new();

    /// <summary>Usage push (protocol §5.2).</summary>
    public UsageOptions Usage { get; set; } = new();

    /// <summary>Longest request body in bytes.</summary>
    public int MaxBodyBytes { get; set; } = 64 * 1024;

    /// <summary>How far a V2.0 timestamp may be from this clock, either way (protocol §3).</summary>
    public TimeSpan MaxTimestampSkew { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>After this an unfinished call, or an unfinished body, is answered with a failure. The marketplace waits 5 s (protocol §10.3).</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(4.5);

    /// <summary>Send <c>appInfo</c> in the V2.0 answer to <c>newInstance</c> too: the FAQ asks for it, the table lacks it (protocol §10.13).</summary>
    public bool AppInfoInNewInstance { get; set; }

    /// <summary>The address shown in answers to test calls.</summary>
    public string TestFrontEndUrl { get; set; } = "https://test.example.com/";

    /// <summary>Keys that may have signed a call, the current one first.</summary>
    internal IEnumerable<string> AcceptedKeys => string.IsNullOrEmpty(AccessKeyPrevious) ? [AccessKey] : [AccessKey, AccessKeyPrevious];

    /// <summary>IAM keys, the pair that signs with SDK-HMAC-SHA256.</summary>
    public sealed class IamOptions
    {
        /// <summary>AK.</summary>
        public string AccessKeyId { get; set; } = "";

        /// <summary>SK.</summary>
        public string SecretAccessKey { get; set; } = "";
    }

    /// <summary>The legacy protocol.</summary>
    public sealed class V1Options
    {
        /// <summary>Off: the V1.0 path answers 404.</summary>
        public bool Enabled { get; set; }

        /// <summary>How far <c>timeStamp</c> may be from this clock, either way; none is published, 10 minutes is the page's choice (protocol §8.2).</summary>
        public TimeSpan MaxTimestampSkew { get; set; } = TimeSpan.FromMinutes(10);

        /// <summary>How fields are encrypted (protocol §8.3).</summary>
        public MarketplaceEncryptType EncryptType { get; set; } = MarketplaceEncryptType.Aes256;
    }

    /// <summary>Usage push.</summary>
    public sealed class UsageOptions
    {
        /// <summary>The key that signs usage, where it is not <see cref="HuaweiMarketplaceOptions.AccessKey"/>.</summary>
        public string? AccessKey { get; set; }

        /// <summary>Sign with the IAM keys besides: the docs disagree whether it is needed (protocol §10.12).</summary>
        public bool SignWithIam { get; set; } = true;

        /// <summary>Records per call of <see cref="HuaweiMarketplaceClient.PushUsageInBatchesAsync"/>; at most
        /// <see cref="HuaweiMarketplaceClient.MaxUsageRecords"/> (protocol §10.14).</summary>
        public int BatchSize { get; set; } = 100;

        /// <summary>How the product is collected, and so how long a record's window may be (protocol §5.2.1, .4).</summary>
        public UsageWindow Window { get; set; } = UsageWindow.Daily;
    }
}

/// <summary>When the marketplace collects a product's usage, after which it cannot be taken back (protocol §5.2.4).</summary>
public enum UsageWindow
{
    /// <summary>Each day at 01:00 UTC+8.</summary>
    Daily,

    /// <summary>Each hour at minute 15.</summary>
    Hourly,
}

/// <summary>Refuses settings that could not work, at start rather than at the first order.</summary>
internal sealed class HuaweiMarketplaceOptionsValidator : IValidateOptions<HuaweiMarketplaceOptions>
{
    public ValidateOptionsResult Validate(string? name, HuaweiMarketplaceOptions options)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(options.AccessKey)) faults.Add("AccessKey is missing");
        if (options.ApiBaseUrl is { } url && !(url.IsAbsoluteUri && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))))
            faults.Add("ApiBaseUrl must be an https address (http only to this machine itself)");
        if (string.IsNullOrEmpty(options.Iam.AccessKeyId) != string.IsNullOrEmpty(options.Iam.SecretAccessKey))
            faults.Add("Iam:AccessKeyId and Iam:SecretAccessKey go together");
        if (options.MaxBodyBytes is < 1024 or > 16 * 1024 * 1024) faults.Add("MaxBodyBytes must be 1 KiB to 16 MiB");
        if (options.MaxTimestampSkew <= TimeSpan.Zero || options.V1.MaxTimestampSkew <= TimeSpan.Zero) faults.Add("MaxTimestampSkew must be positive");
        if (options.AnswerTimeout <= TimeSpan.Zero || options.AnswerTimeout > TimeSpan.FromMinutes(1)) faults.Add("AnswerTimeout must be over 0 and at most 1 minute");
        if (!Enum.IsDefined(options.V1.EncryptType)) faults.Add("V1:EncryptType must be Aes256 or Aes128");
        if (options.Usage.BatchSize is < 1 or > HuaweiMarketplaceClient.MaxUsageRecords) faults.Add("Usage:BatchSize must be 1 to 1000");
        return faults.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(faults.Select(fault => $"{HuaweiMarketplaceOptions.SectionName}: {fault}"));
    }
}
