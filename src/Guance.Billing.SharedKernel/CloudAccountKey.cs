namespace Guance.Billing.SharedKernel;

/// <summary>A cloud account: a customer's account at a cloud provider (rules §1).</summary>
/// <param name="Provider">The cloud.</param>
/// <param name="AccountId">The account ID there: at Huawei the IAM domain id, 32 hexadecimal digits.</param>
public sealed record CloudAccountKey(CloudProvider Provider, string AccountId)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Provider}/{AccountId}";
}

/// <summary>One purchase of the product on a cloud's marketplace, as the customer knows it (rules §1).</summary>
/// <param name="Provider">The cloud.</param>
/// <param name="InstanceId">The product instance ID, at most 64 characters.</param>
public sealed record CloudInstanceKey(CloudProvider Provider, string InstanceId)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Provider}/{InstanceId}";
}
