namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>When the marketplace collects usage and forms bills from it (protocol §5.2, timing 4).</summary>
public enum CollectionCycle
{
    /// <summary>Every day at 01:00 UTC+8.</summary>
    Daily,

    /// <summary>Every hour at minute 15.</summary>
    Hourly,
}

/// <summary>
/// How one simulated marketplace behaves. Defaults are the documented intervals (protocol §4.1) and the development keys.
/// </summary>
public sealed class SimulatorOptions
{
    /// <summary>Address to listen on; port 0 takes a free one.</summary>
    public string Url { get; set; } = "http://127.0.0.1:5090";

    /// <summary>The seller's V2.0 production address: where every call goes (protocol §2).</summary>
    public string SellerCallbackUrl { get; set; } = "http://127.0.0.1:5080/marketplace/huawei/v2/produce";

    /// <summary>The seller's V1.0 production address (protocol §8). Without it no V1.0 order can be placed.</summary>
    public string? SellerCallbackUrlV1 { get; set; }

    /// <summary>The seller key that signs calls, answers and usage pushes; not the IAM key.</summary>
    public string SellerAccessKey { get; set; } = "dev-seller-access-key";

    /// <summary>IAM access key id that the seller signs order queries with (protocol §7).</summary>
    public string IamAccessKeyId { get; set; } = "dev-ak";

    /// <summary>IAM secret of <see cref="IamAccessKeyId"/>.</summary>
    public string IamSecretAccessKey { get; set; } = "dev-sk";

    /// <summary>The currency that the market bills in, as the pages and orders show it.</summary>
    public string Currency { get; set; } = "CNY";

    /// <summary>Time between two tries of <c>newInstance</c>.</summary>
    public TimeSpan CreateRetryInterval { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How long <c>newInstance</c> and the polling after it are tried; then the order fails and is refunded.</summary>
    public TimeSpan CreateRetryWindow { get; set; } = TimeSpan.FromHours(3);

    /// <summary>Time between two tries of <c>refreshInstance</c>, <c>updateInstanceStatus</c> and <c>releaseInstance</c>.</summary>
    public TimeSpan ChangeRetryInterval { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long <c>refreshInstance</c> and <c>updateInstanceStatus</c> are tried; then a person has to start them again.</summary>
    public TimeSpan ChangeRetryWindow { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long <c>releaseInstance</c> is tried.</summary>
    public TimeSpan ReleaseRetryWindow { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Factor on the retry intervals, not on the windows: 0.01 makes 3 minutes 1.8 seconds, so that demos see retries.</summary>
    public double RetryScale { get; set; } = 1;

    /// <summary>Time between two <c>queryInstance</c> calls of the polling that follows a creation.</summary>
    public TimeSpan QueryPollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>An answer that takes longer (real time) is a protocol violation, though it still counts (protocol §0.7).</summary>
    public TimeSpan SlowAnswer { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>An answer that takes longer (real time) is not waited for: the call failed.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an expired instance stays frozen before it is released (protocol §4.3).</summary>
    public TimeSpan ExpiredKept { get; set; } = TimeSpan.FromDays(15);

    /// <summary>The product's collection cycle.</summary>
    public CollectionCycle Collection { get; set; } = CollectionCycle.Daily;

    /// <summary>Real time between two looks at what is due; the given clock's own timers are never used, since it may jump.</summary>
    public TimeSpan TickInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long, in real time, a control request waits for the first answer of the call that it caused.</summary>
    public TimeSpan ControlWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Seed of order and customer ids and of the faults' dice; null: random, so that ids never repeat after a restart.</summary>
    public int? Seed { get; set; }

    /// <summary>The file that keeps the market's state across starts; null: it lives in memory and ends with the process.</summary>
    public string? StateFile { get; set; }

    internal void Validate()
    {
        Require(IsHttp(Url), nameof(Url), "must be an absolute http address");
        Require(IsHttp(SellerCallbackUrl), nameof(SellerCallbackUrl), "must be an absolute http address");
        Require(SellerCallbackUrlV1 is null || IsHttp(SellerCallbackUrlV1), nameof(SellerCallbackUrlV1), "must be an absolute http address");
        foreach (var (name, value) in new[] { (nameof(SellerAccessKey), SellerAccessKey), (nameof(IamAccessKeyId), IamAccessKeyId),
            (nameof(IamSecretAccessKey), IamSecretAccessKey), (nameof(Currency), Currency) })
            Require(!string.IsNullOrWhiteSpace(value), name, "must not be empty");
        foreach (var (name, value) in new[] { (nameof(CreateRetryInterval), CreateRetryInterval), (nameof(CreateRetryWindow), CreateRetryWindow),
            (nameof(ChangeRetryInterval), ChangeRetryInterval), (nameof(ChangeRetryWindow), ChangeRetryWindow),
            (nameof(ReleaseRetryWindow), ReleaseRetryWindow), (nameof(QueryPollInterval), QueryPollInterval), (nameof(SlowAnswer), SlowAnswer),
            (nameof(AnswerTimeout), AnswerTimeout), (nameof(ExpiredKept), ExpiredKept), (nameof(TickInterval), TickInterval),
            (nameof(ControlWait), ControlWait) })
            Require(value > TimeSpan.Zero, name, "must be positive");
        Require(StateFile is not "", nameof(StateFile), "must not be empty");
        Require(RetryScale is > 0 and <= 100, nameof(RetryScale), "must be above 0 and at most 100");
    }

    private static bool IsHttp(string value) => Uri.TryCreate(value, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https");

    private static void Require(bool holds, string name, string rule)
    {
        if (!holds)
            throw new ArgumentException($"{name} {rule}.", name);
    }
}
