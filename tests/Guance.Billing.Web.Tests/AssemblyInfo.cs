using Guance.Billing.Web.Tests;

// One browser serves all. Two worlds are gone through side by side, so that one goes on while a test of the other waits.
[assembly: AssemblyFixture(typeof(ABrowser))]
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
