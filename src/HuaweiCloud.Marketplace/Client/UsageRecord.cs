namespace HuaweiCloud.Marketplace;

/// <summary>How much of one instance was used in a window (protocol §5.2, S12). There is no item on the wire: one instance is one billing item.</summary>
/// <param name="InstanceId">The instance of the pay-per-use purchase, at most 64 characters.</param>
/// <param name="MeteringSn">Unique for ever, at most 64 characters; keep it with the record before sending, so that a repeat is known as one.</param>
/// <param name="RecordTime">When the record was made; whole seconds, as all times here.</param>
/// <param name="BeginTime">Start of the window. The same window twice counts once; over 21 days ago is refused (protocol §5.2.3, .5).</param>
/// <param name="EndTime">End of the window; not before its start.</param>
/// <param name="UsageValue">Over 0, at most 4 decimals and 20 characters. Do not send what is zero.</param>
/// <param name="RelatedPackageInstance">The package to deduct from; needed for packages that stop when used up.</param>
public sealed record UsageRecord(
    string InstanceId, string MeteringSn, DateTimeOffset RecordTime, DateTimeOffset BeginTime, DateTimeOffset EndTime, decimal UsageValue,
    string? RelatedPackageInstance = null);

/// <summary>The marketplace took the push. That is no proof that it takes the records: they are checked later, in the background
/// (protocol §0.10, §5.2.6).</summary>
/// <param name="Code">As answered, <c>MKT.0000</c>.</param>
/// <param name="Message">As answered.</param>
/// <param name="Abnormal">Records refused at once.</param>
public sealed record UsagePushReceipt(string Code, string? Message, IReadOnlyList<AbnormalUsageRecord> Abnormal);

/// <summary>A record that was refused. The members' names on the wire are not documented; several spellings are read (protocol §5.2).</summary>
/// <param name="MeteringSn">Which record, when it says so.</param>
/// <param name="InstanceId">Which instance, when it says so.</param>
/// <param name="Code">One of <see cref="UsageRecordCodes"/>, or as answered.</param>
/// <param name="Description">As answered.</param>
public sealed record AbnormalUsageRecord(string? MeteringSn, string? InstanceId, string? Code, string? Description);

/// <summary>Why a usage record is refused (protocol §5.2, S13). There is no 008.</summary>
public static class UsageRecordCodes
{
    /// <summary>The instance does not exist.</summary>
    public const string InstanceMissing = "001";

    /// <summary>A time is not in the right format.</summary>
    public const string BadTimeFormat = "002";

    /// <summary>The quantity is not right.</summary>
    public const string BadQuantity = "003";

    /// <summary>There is no metering_sn.</summary>
    public const string MeteringSnMissing = "004";

    /// <summary>The metering_sn was used before.</summary>
    public const string MeteringSnDuplicate = "005";

    /// <summary>The product is withdrawn.</summary>
    public const string ProductWithdrawn = "006";

    /// <summary>The record is too old.</summary>
    public const string Expired = "007";

    /// <summary>The instance is another seller's.</summary>
    public const string NotOwned = "009";

    /// <summary>The window was pushed before.</summary>
    public const string Duplicate = "010";

    /// <summary>The window is not right.</summary>
    public const string BadTimeRange = "011";

    /// <summary>The instance is not pay-per-use.</summary>
    public const string NotPayPerUse = "012";

    /// <summary>The instance's state does not allow it.</summary>
    public const string BadInstanceState = "013";
}
