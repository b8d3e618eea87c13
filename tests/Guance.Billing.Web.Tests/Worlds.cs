namespace Guance.Billing.Web.Tests;

/// <summary>One world for those who register, look after workspaces, and go through the whole story. Pages share its clock, so one test follows another.</summary>
[CollectionDefinition]
public sealed class CustomersWorld : ICollectionFixture<AWorld>;

/// <summary>Another one for those who run the product, pay for it, and buy and sell it at the market.</summary>
[CollectionDefinition]
public sealed class OperatorsWorld : ICollectionFixture<AWorld>;
