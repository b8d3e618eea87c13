using Guance.Billing.Platform.Jobs;
using Hangfire;

namespace Violations.Ordering.Jobs;

internal sealed class CountJob : ITickJob
{
    public Task RunAsync(CancellationToken ct) => Task.CompletedTask;
}

internal sealed class SweepJob;

internal static class Enqueues
{
    public static string Now() => BackgroundJob.Enqueue(() => Console.WriteLine());
}
