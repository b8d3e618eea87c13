using System.Text.Json.Serialization;

namespace Guance.Billing.Benchmarks;

/// <summary>Measures something at several sizes, each beside a baseline that does the same durable work in the same run.</summary>
internal interface IBenchmark
{
    /// <summary>Kebab-case, as it is chosen on the command line.</summary>
    string Name { get; }

    /// <summary>Measures; the database server is up, see <see cref="Guance.Billing.TestKit.TestDatabase"/>.</summary>
    /// <param name="progress">Told in a sentence what is being done.</param>
    /// <param name="ct">Cancels.</param>
    Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct);
}

/// <summary>A figure and its baseline.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Size">With how much.</param>
/// <param name="Figure">What it took or gave.</param>
/// <param name="Unit">In which unit, the baseline's, too.</param>
/// <param name="Baseline">The same of the baseline.</param>
/// <param name="Ratio">The figure over the baseline.</param>
internal sealed record BenchmarkRow(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("figure")] double Figure,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("baseline")] double Baseline,
    [property: JsonPropertyName("ratio")] double Ratio);
