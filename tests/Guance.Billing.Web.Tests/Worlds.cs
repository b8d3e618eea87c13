namespace Guance.Billing.Web.Tests;

/// <summary>One world for the classes in which a customer goes from page to page. They share its clock, so one test follows another.</summary>
[CollectionDefinition]
public sealed class CustomersWorld : ICollectionFixture<AWorld>;

/// <summary>Another one for the classes of those who run the product and the market, and of who pays.</summary>
[CollectionDefinition]
public sealed class OperatorsWorld : ICollectionFixture<AWorld>;
