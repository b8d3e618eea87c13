using System.Globalization;
using System.Text.Json;
using Guance.Billing.Benchmarks;
using Guance.Billing.Postgres;

// Guance.Billing.Benchmarks [NAME…] [--json FILE]: runs the benchmarks that are named, or whose names contain a word that is no name itself; all without one.
IReadOnlyList<IBenchmark> all =
[
    new IngestBenchmark(), new UsageLagBenchmark(), new DayCloseBenchmark(), new HotWalletBenchmark(), new MarketCallbackBenchmark(), new MarketLatencyBenchmark(besideClose: false), new MarketLatencyBenchmark(besideClose: true),
    new ClosingBenchmark(), new CancellationBenchmark(), new RebuildBenchmark(), new WorkspacePageBenchmark(),
];
var words = new List<string>();
string? json = null;
for (var n = 0; n < args.Length; n++)
{
    if (args[n] == "--json" && n + 1 < args.Length)
    {
        json = args[++n];
    }
    else
    {
        words.Add(args[n]);
    }
}

var names = all.Select(benchmark => benchmark.Name).ToHashSet(StringComparer.Ordinal);
var chosen = all.Where(benchmark => words.Count == 0
    || words.Exists(word => names.Contains(word) ? benchmark.Name == word : benchmark.Name.Contains(word, StringComparison.Ordinal))).ToArray();
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"No benchmark's name contains {string.Join(" or ", words)}. There are: {string.Join(", ", all.Select(benchmark => benchmark.Name))}.");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

// Durable, unlike the server of the tests: a commit is on the disk. With memory as CAPACITY.md recommends it.
EmbeddedPostgres? server = null;
if (Environment.GetEnvironmentVariable("TEST_POSTGRES") is not { Length: > 0 })
{
    server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions
    {
        Folder = Directory.CreateTempSubdirectory("guance-bench-").FullName, Durability = Durability.Full, DeleteWhenStopped = true,
        Settings = "shared_buffers = 512MB\nmax_wal_size = 8GB",
    });
    Environment.SetEnvironmentVariable("TEST_POSTGRES", server.ServerConnectionString);
}

var rows = new List<BenchmarkRow>();
try
{
    Console.WriteLine(Line("benchmark", "size", "figure", "baseline", "unit", "ratio"));
    foreach (var benchmark in chosen)
    {
        foreach (var row in await benchmark.RunAsync(sentence => Console.Error.WriteLine($"· {benchmark.Name}: {sentence}"), stop.Token))
        {
            rows.Add(row);
            Console.WriteLine(Line(row.Name, Number(row.Size), Number(row.Figure), Number(row.Baseline), row.Unit, row.Ratio.ToString("0.00", CultureInfo.InvariantCulture)));
        }
    }
}
finally
{
    if (server is not null)
    {
        await server.DisposeAsync();
    }
}

if (json is not null)
{
    await File.WriteAllTextAsync(json, JsonSerializer.Serialize(rows), stop.Token);
}

return 0;

static string Line(string name, string size, string figure, string baseline, string unit, string ratio) => $"{name,-28} {size,12} {figure,14} {baseline,14} {unit,-12} {ratio,6}";

static string Number(double value) => value.ToString(value < 100 ? "#,##0.##" : "#,##0", CultureInfo.InvariantCulture);
