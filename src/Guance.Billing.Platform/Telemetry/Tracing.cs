using System.Diagnostics;
using JasperFx.Events;

namespace Guance.Billing.Platform.Telemetry;

/// <summary>Own spans, and how a trace goes on where nobody calls: from the event that something follows from.</summary>
public static class Tracing
{
    /// <summary>The source of all own spans. Immutable and without state, so one for all hosts of a process.</summary>
    public static readonly ActivitySource Source = new("Guance.Billing");

    /// <summary>The trace in which an event was appended, as W3C writes it: Marten keeps the parent span as causation, the trace's id as correlation. Null: in none.</summary>
    /// <param name="e">The event.</param>
    public static string? TraceparentOf(IEvent e) =>
        ActivityContext.TryParse(e.CausationId, traceState: null, out _) ? e.CausationId
        // Where the span is not known, the event stands for it.
        : e.CorrelationId is { Length: 32 } trace && $"00-{trace}-{e.Id.ToString("N")[16..]}-01" is var parent && ActivityContext.TryParse(parent, traceState: null, out _) ? parent
        : null;

    /// <summary>Goes on with the trace of what something follows from; where that is several, with a span of its own that links to each.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="traceparents">The traces, as W3C writes them.</param>
    public static Activity? Continue(string name, IEnumerable<string?> traceparents)
    {
        var contexts = traceparents
            .Select(traceparent => ActivityContext.TryParse(traceparent, traceState: null, isRemote: true, out var context) ? context : default)
            .Where(context => context != default).Distinct().ToArray();
        var isOneTrace = contexts.Length > 0 && contexts.All(context => context.TraceId == contexts[0].TraceId);
        return Source.StartActivity(name, ActivityKind.Consumer, isOneTrace ? contexts[0] : default, links: isOneTrace ? null : contexts.Select(context => new ActivityLink(context)));
    }
}
