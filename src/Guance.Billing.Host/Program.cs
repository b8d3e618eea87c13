using Guance.Billing.Host;
using Guance.Billing.Sites;

// Settings come from the environment and from files mounted beside the program; see the README.
var settings = new ConfigurationBuilder()
    .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
    .AddEnvironmentVariables()
    .AddCommandLine(args)
    .Build();
var environment = settings["ASPNETCORE_ENVIRONMENT"] ?? Environments.Production;
try
{
    await using var app = DeploymentHost.Build(settings, environment, ModuleCatalog.For);
    await app.RunAsync();
    return 0;
}
catch (InvalidOperationException wrong) when (wrong.Message.Contains("__", StringComparison.Ordinal) || wrong.Message.StartsWith("Urls", StringComparison.Ordinal))
{
    // A setting is missing or wrong: the sentence says which, a stack trace would only hide it.
    await Console.Error.WriteLineAsync(wrong.Message);
    return 78;
}
