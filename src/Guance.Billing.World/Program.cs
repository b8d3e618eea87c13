using System.Diagnostics;
using System.Globalization;
using Guance.Billing.Postgres;
using Guance.Billing.World;

// build/up and build/demo end here: `up [--fresh] [--port N]`, `demo [--port N]`.
var verb = args.FirstOrDefault() ?? "up";
var port = 5080;
var fresh = false;
for (var index = 1; index < args.Length; index++)
{
    switch (args[index])
    {
        case "--fresh":
            fresh = true;
            break;
        case "--port" when index + 1 < args.Length && int.TryParse(args[index + 1], CultureInfo.InvariantCulture, out port) && port is > 1023 and < 65500:
            index++;
            break;
        default:
            return Usage($"'{args[index]}' is not understood.");
    }
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // The first Ctrl-C stops everything in order; a second one does not wait.
    pressed.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};
using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM,
    signal =>
    {
        signal.Cancel = true;
        stop.Cancel();
    });

try
{
    return verb switch
    {
        "up" => await UpAsync(),
        "demo" => await Demo.RunAsync(Options(".data/demo", fresh: true), stop.Token),
        _ => Usage($"'{verb}' is not understood."),
    };
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (Exception failure) when (failure is EmbeddedPostgresException or InvalidDataException)
{
    // What is kept cannot be used: the sentence says what to do.
    Console.Error.WriteLine(failure.Message);
    return 1;
}
catch (IOException failure) when (failure.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
{
    Console.Error.WriteLine($"{failure.Message} Stop what listens there, or choose another block of ports with --port N.");
    return 1;
}

async Task<int> UpAsync()
{
    var started = Stopwatch.GetTimestamp();
    await using var world = await World.StartAsync(Options(".data/world", fresh), stop.Token);
    var sites = string.Join("  ", world.Sites.Select(site => $"{site} {world.Ports.SiteUrl(site)}"));
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"ready  billing-center {world.Ports.BillingCenterUrl}  {sites}  marketplace {world.Ports.MarketplaceUrl}  ({Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s; Ctrl-C stops)"));
    try
    {
        await Task.Delay(Timeout.Infinite, stop.Token);
    }
    catch (OperationCanceledException)
    {
        Console.WriteLine("stopping");
    }

    return 0;
}

WorldOptions Options(string folder, bool fresh) => new()
{
    DataFolder = Path.GetFullPath(folder),
    Fresh = fresh,
    Port = port,
    ServerConnectionString = Environment.GetEnvironmentVariable("ConnectionStrings__Billing"),
    DatabasePrefix = verb == "demo" ? "guance_demo_" : "guance_",
    Settings = SettingsFromEnvironment(),
    Progress = text => Console.WriteLine($"· {text}"),
};

// What the surface lets a person set is passed on to every deployment.
static Dictionary<string, string?> SettingsFromEnvironment() =>
    Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
        .Select(variable => (Key: ((string)variable.Key).Replace("__", ":", StringComparison.Ordinal), Value: (string?)variable.Value))
        .Where(variable => variable.Key.StartsWith("HuaweiMarketplace:", StringComparison.OrdinalIgnoreCase)
            || variable.Key.StartsWith("Billing:", StringComparison.OrdinalIgnoreCase)
            || variable.Key.StartsWith("Mail:", StringComparison.OrdinalIgnoreCase))
        .ToDictionary(variable => variable.Key, variable => variable.Value, StringComparer.OrdinalIgnoreCase);

static int Usage(string wrong)
{
    Console.Error.WriteLine($"{wrong} Usage: up [--fresh] [--port N] | demo [--port N]");
    return 64;
}
