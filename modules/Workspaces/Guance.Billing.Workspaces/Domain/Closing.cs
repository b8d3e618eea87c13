namespace Guance.Billing.Workspaces.Domain;

/// <summary>All that a closing meant for this site's workspaces has been applied (rules §5).</summary>
/// <param name="ClosingId">The closing, as announced.</param>
/// <param name="WorkspaceCount">How many workspaces were announced.</param>
/// <param name="At">When it was applied.</param>
internal sealed record ClosingApplied(string ClosingId, int WorkspaceCount, DateTimeOffset At);

/// <summary>
/// A closing at the cloud market, as this site took part in it. Its stream, under the Billing Center's id of the closing, is the site's
/// acknowledgement.
/// </summary>
internal sealed record Closing
{
    public string Id { get; init; } = "";

    public int Version { get; set; }

    public DateTimeOffset AppliedAt { get; init; }

    public Closing Apply(ClosingApplied e) => this with { AppliedAt = e.At };
}
