using Guance.Billing.Platform;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Settlement;

/// <summary>Days of bills: they begin at midnight of the billing time zone (rules §7).</summary>
internal sealed class BillingDays(Deployment deployment)
{
    public DateOnly Of(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, deployment.TimeZone).DateTime);

    public DateTimeOffset Begin(DateOnly day)
    {
        var first = day.ToDateTime(TimeOnly.MinValue);
        while (deployment.TimeZone.IsInvalidTime(first))
        {
            // A zone may skip its midnight when summer time begins.
            first = first.AddMinutes(1);
        }

        return new DateTimeOffset(first, deployment.TimeZone.GetUtcOffset(first)).ToUniversalTime();
    }

    public DateTimeOffset End(DateOnly day) => Begin(day.AddDays(1));
}

/// <summary>How days are closed.</summary>
/// <param name="BatchSize">The most workspaces that one transaction rates.</param>
/// <param name="Lanes">How many transactions rate side by side.</param>
/// <param name="Wait">How long after its end a day waits for sites that have not told all of it.</param>
internal sealed record DayCloseSettings(int BatchSize, int Lanes, TimeSpan Wait)
{
    private const int BatchSizeDefault = 2_000;
    private const int BatchSizeMax = 20_000;
    private const int LanesMax = 8;
    private const int WaitMinutesDefault = 15;
    private const int WaitMinutesMax = 24 * 60;

    /// <summary>A tenth of a second of work by default, about as long as a caller may wait.</summary>
    private const int GivingWayDivisor = 20;

    /// <summary>One core stays free: who calls while a day closes does not wait for it.</summary>
    private static readonly int LanesDefault = Math.Clamp(Environment.ProcessorCount - 1, 1, LanesMax);

    /// <summary>How many workspaces one step rates: a batch; a twentieth of one while it gives way to others.</summary>
    public int StepSize(bool givesWay) => givesWay ? Math.Max(1, BatchSize / GivingWayDivisor) : BatchSize;

    /// <summary>Reads <c>Settlement__DayClose__BatchSize</c>, <c>Settlement__DayClose__Lanes</c> and <c>Settlement__DayClose__WaitMinutes</c>.</summary>
    /// <exception cref="InvalidOperationException">One is out of its range.</exception>
    public static DayCloseSettings From(IConfiguration configuration)
    {
        var batchSize = configuration.GetValue("Settlement:DayClose:BatchSize", BatchSizeDefault);
        var lanes = configuration.GetValue("Settlement:DayClose:Lanes", LanesDefault);
        var waitMinutes = configuration.GetValue("Settlement:DayClose:WaitMinutes", WaitMinutesDefault);
        return batchSize is < 1 or > BatchSizeMax
            ? throw new InvalidOperationException($"Settlement__DayClose__BatchSize is from 1 to {BatchSizeMax}: how many workspaces one transaction rates.")
            : lanes is < 1 or > LanesMax
            ? throw new InvalidOperationException($"Settlement__DayClose__Lanes is from 1 to {LanesMax}: how many transactions rate side by side.")
            : waitMinutes is < 0 or > WaitMinutesMax
            ? throw new InvalidOperationException($"Settlement__DayClose__WaitMinutes is from 0 to {WaitMinutesMax}: how long a day waits for late sites.")
            : new(batchSize, lanes, TimeSpan.FromMinutes(waitMinutes));
    }
}
