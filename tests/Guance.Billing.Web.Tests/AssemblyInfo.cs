using Guance.Billing.Web.Tests;

// One world and one browser serve all: starting them takes longer than most of what is done in them. Pages share the world's clock, so one test follows another.
[assembly: AssemblyFixture(typeof(AWorld))]
[assembly: AssemblyFixture(typeof(ABrowser))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]
