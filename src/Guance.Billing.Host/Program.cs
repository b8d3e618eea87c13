using Guance.Billing.Host;
using Guance.Billing.Platform.Data;
using Guance.Billing.Sites;

// migrate: brings the database up to this release and ends; migrate --preview: writes the SQL of it instead. Else: the deployment runs until it is told to stop.
var isMigration = args is ["migrate", ..];
var isPreview = args is ["migrate", "--preview"];
if (isMigration && args.Length > 1 && !isPreview)
{
    await Console.Error.WriteLineAsync("Usage: Guance.Billing.Host [migrate [--preview]]");
    return 64;
}

// Settings come from the environment and from files mounted beside the program; see the README.
var settings = new ConfigurationBuilder()
    .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
    .AddEnvironmentVariables()
    // A file a secret, named after its setting, as containers are given them.
    .AddKeyPerFile(Path.GetFullPath(Environment.GetEnvironmentVariable("Secrets__Folder") ?? "/run/secrets"), optional: true)
    .AddCommandLine(isMigration ? [] : args)
    .Build();
var environment = settings["ASPNETCORE_ENVIRONMENT"] ?? Environments.Production;
try
{
    await using var app = DeploymentHost.Build(settings, environment, ModuleCatalog.For);
    switch (isMigration, isPreview)
    {
        case (true, true):
            await DatabaseUpgrade.Of(app).PreviewAsync(Console.Out, CancellationToken.None);
            break;
        case (true, false):
            await DatabaseUpgrade.Of(app).ApplyAsync(Console.WriteLine, CancellationToken.None);
            break;
        default:
            await app.RunAsync();
            break;
    }

    return 0;
}
catch (InvalidOperationException wrong) when (wrong.Message.Contains("__", StringComparison.Ordinal) || wrong.Message.StartsWith("Urls", StringComparison.Ordinal))
{
    // A setting is missing or wrong: the sentence says which, a stack trace would only hide it.
    await Console.Error.WriteLineAsync(wrong.Message);
    return 78;
}
