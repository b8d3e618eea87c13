namespace HuaweiCloud.Marketplace;

/// <summary>What a seller may answer in <c>resultCode</c>: one table for V1.0 and V2.0 (protocol §2.9, source S18).</summary>
/// <remarks>The marketplace takes everything but <see cref="Success"/> as a failure and repeats the call; the one exception is
/// <see cref="Processing"/> on <c>newInstance</c> (protocol §0.6). The international site lists codes up to
/// <see cref="NoResource"/> only (S18i).</remarks>
public static class MarketplaceResultCodes
{
    /// <summary>Done, or done before: a repeat is answered like the first call.</summary>
    public const string Success = "000000";

    /// <summary>The signature is missing or wrong (protocol §3).</summary>
    public const string AuthenticationFailed = "000001";

    /// <summary>A parameter is missing, too long or not allowed; a timestamp or nonce is missing, late or used before (protocol §3).</summary>
    public const string InvalidParameter = "000002";

    /// <summary>No such instance id (renew, expire, release, update).</summary>
    public const string InstanceNotFound = "000003";

    /// <summary>Accepted and still being worked on; the marketplace then polls <c>queryInstance</c> (protocol §2.1).</summary>
    public const string Processing = "000004";

    /// <summary>Any other error of the seller; the marketplace will call again (protocol §4.1).</summary>
    public const string InternalError = "000005";

    /// <summary>Create: no instance resource is available.</summary>
    public const string NoResource = "000100";

    /// <summary>Create: the mobile number is empty or used already.</summary>
    public const string MobileRejected = "000101";

    /// <summary>Create: the e-mail address is empty or used already.</summary>
    public const string EmailRejected = "000102";

    /// <summary>Create: the product may not be bought again.</summary>
    public const string RepeatPurchaseRejected = "000103";

    /// <summary>Create: an internal error of the product.</summary>
    public const string ProductError = "000104";

    /// <summary>Create: the account holds the benefit already.</summary>
    public const string BenefitAlreadyHeld = "000105";

    /// <summary>Create: sold out.</summary>
    public const string SoldOut = "000106";

    /// <summary>Create: the e-mail domain is used already.</summary>
    public const string EmailDomainRejected = "000107";
}
