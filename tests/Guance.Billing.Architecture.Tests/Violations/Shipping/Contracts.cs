namespace Violations.Shipping.Contracts;

public sealed record ShipParcel(string Id) : ICommand;

public sealed record Circle(Ordering.Contracts.Circular? Circular);
