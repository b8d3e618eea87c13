using Guance.Billing.Workspaces.Contracts;

namespace Guance.Billing.Workspaces.Domain;

/// <summary>What may happen to a workspace. Pure; an empty answer means that it is so already.</summary>
internal static class WorkspaceDecider
{
    /// <summary>Creates it once, whatever the Billing Center has told about it before.</summary>
    public static IReadOnlyList<object> Create(Workspace? workspace, CreateWorkspace command) => workspace is { IsCreated: true }
        ? []
        : [new WorkspaceCreated(
            command.OwnerUserId, command.Name, command.Language, command.BillingAccountId, command.Method, command.CloudAccount, command.CreatedAt)];

    /// <summary>
    /// Notes what the Billing Center told, in its order. Anything not newer than the last noted is a repetition and changes nothing.
    /// A dissolved workspace notes, too: its feed goes on.
    /// </summary>
    public static IReadOnlyList<object> Note(Workspace? workspace, IEnumerable<ISettlementNote> told)
    {
        var last = workspace?.SettlementVersion ?? 0;
        var news = new List<object>();
        foreach (var note in told)
        {
            if (note.SourceVersion > last)
            {
                news.Add(note);
                last = note.SourceVersion;
            }
        }

        return news;
    }

    /// <summary>Records that the buffer has ended, once for each lock (rules §6).</summary>
    public static IReadOnlyList<object> Expire(Workspace workspace, DateTimeOffset now) =>
        workspace.ExpiresAt is { } at && at <= now ? [new WorkspaceExpired(at)] : [];

    /// <summary>Dissolves it for ever; a second time changes nothing (rules §6).</summary>
    public static IReadOnlyList<object> Dissolve(Workspace workspace, string confirmName, string by, DateTimeOffset now)
    {
        if (workspace.DissolvedAt is not null)
        {
            return [];
        }

        return string.Equals(confirmName, workspace.Name, StringComparison.Ordinal)
            ? [new WorkspaceDissolved(by, now)]
            : throw Refuse.ConfirmationMismatch();
    }
}
