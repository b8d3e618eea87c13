using Guance.Billing.Host;
using Guance.Billing.Platform.Data;
using Guance.Billing.Sites;

// migrate: brings the database up to this release and ends; migrate --preview: writes the SQL of it instead. rebuild: writes snapshots anew that differ from their events and
// ends; rebuild --preview: names them instead, and ends with 1 if there are any. Else: the deployment runs until it is told to stop.
var task = args is ["migrate" or "rebuild", ..] ? args[0] : null;
var isPreview = args is [_, "--preview"];
if (task is not null && args.Length > 1 && !isPreview)
{
    await Console.Error.WriteLineAsync("Usage: Guance.Billing.Host [migrate [--preview] | rebuild [--preview]]");
    return 64;
}

// Settings come from the environment and from files mounted beside the program; see the README.
var settings = new ConfigurationBuilder()
    .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
    .AddEnvironmentVariables()
    // A file a secret, named after its setting, as containers are given them.
    .AddKeyPerFile(Path.GetFullPath(Environment.GetEnvironmentVariable("Secrets__Folder") ?? "/run/secrets"), optional: true)
    .AddCommandLine(task is null ? args : [])
    .Build();
var environment = settings["ASPNETCORE_ENVIRONMENT"] ?? Environments.Production;
try
{
    await using var app = DeploymentHost.Build(settings, environment, ModuleCatalog.For);
    switch (task, isPreview)
    {
        case ("migrate", true):
            await DatabaseUpgrade.Of(app).PreviewAsync(Console.Out, CancellationToken.None);
            break;
        case ("migrate", false):
            await DatabaseUpgrade.Of(app).ApplyAsync(Console.WriteLine, CancellationToken.None);
            break;
        case ("rebuild", true):
            return await SnapshotRebuild.Of(app).PreviewAsync(Console.WriteLine, CancellationToken.None) == 0 ? 0 : 1;
        case ("rebuild", false):
            await SnapshotRebuild.Of(app).ApplyAsync(Console.WriteLine, CancellationToken.None);
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
catch (InvalidOperationException refused) when (task is "rebuild")
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 75;
}
