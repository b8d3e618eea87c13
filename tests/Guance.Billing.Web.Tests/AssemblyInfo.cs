using Guance.Billing.Web.Tests;

// One browser serves all. Its pages are waited for more than they work, so two worlds are gone through side by side.
[assembly: AssemblyFixture(typeof(ABrowser))]
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
