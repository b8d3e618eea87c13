using System.Text.Json.Serialization;

namespace Guance.Billing.Settlement.Domain;

/// <summary>What a provider's cancellation does to the workspaces settled by the subscription (rules §5).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CancellationEffect>))]
internal enum CancellationEffect
{
    /// <summary>The link is lost and the workspaces are locked.</summary>
    [JsonStringEnumMemberName("unlink-and-lock")]
    UnlinkAndLock,

    /// <summary>The Billing Center settles from then on; nothing is locked.</summary>
    [JsonStringEnumMemberName("switch-to-billing-center")]
    SwitchToBillingCenter,
}

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
