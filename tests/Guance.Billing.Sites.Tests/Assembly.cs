// Each test runs whole deployments; side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
