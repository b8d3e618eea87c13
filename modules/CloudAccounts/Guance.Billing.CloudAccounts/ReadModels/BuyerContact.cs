namespace Guance.Billing.CloudAccounts.ReadModels;

/// <summary>Who bought, as the order says: personal data, so kept beside the events and not in them.</summary>
/// <param name="Id">The subscription.</param>
internal sealed record BuyerContact(string Id, string? Name, string? Email);
