using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Settlement.Domain;

/// <summary>How one cloud's marketplace behaves. A provider is added here and by its adapter; the core does not know it.</summary>
internal sealed record ProviderPolicy(CloudProvider Provider, CancellationEffect OnCancelled)
{
    private static readonly IReadOnlyDictionary<string, ProviderPolicy> Known = new[]
    {
        new ProviderPolicy(CloudProvider.HuaweiCloud, CancellationEffect.UnlinkAndLock),
        new ProviderPolicy(CloudProvider.Of("aws"), CancellationEffect.UnlinkAndLock),
        new ProviderPolicy(CloudProvider.Of("alibaba-cloud"), CancellationEffect.SwitchToBillingCenter),
    }.ToDictionary(policy => policy.Provider.Value, StringComparer.Ordinal);

    /// <summary>The provider's policy. One that is not listed behaves as most do: unlink and lock.</summary>
    public static ProviderPolicy Of(CloudProvider provider) =>
        Known.GetValueOrDefault(provider.Value) ?? new(provider, CancellationEffect.UnlinkAndLock);
}
