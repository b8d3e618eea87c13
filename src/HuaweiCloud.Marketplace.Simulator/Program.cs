using HuaweiCloud.Marketplace.Simulator;

// Settings come from the environment as Simulator__Url, Simulator__SellerCallbackUrl and so on: the names of SimulatorOptions.
var settings = new ConfigurationBuilder().AddEnvironmentVariables("Simulator__").Build();
await using var market = SimulatorHost.Build(settings.Get<SimulatorOptions>() ?? new SimulatorOptions(), TimeProvider.System);
try
{
    await market.StartAsync();
}
catch (InvalidDataException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
Console.WriteLine($"ready {string.Join(' ', market.Urls)}");
await market.WaitForShutdownAsync();
return 0;
