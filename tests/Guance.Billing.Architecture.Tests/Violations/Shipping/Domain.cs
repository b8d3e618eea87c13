namespace Violations.Shipping.Domain;

internal sealed record Parcel(string Id);
