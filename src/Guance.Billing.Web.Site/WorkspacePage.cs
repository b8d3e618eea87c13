using Guance.Billing.Workspaces.Contracts;
using Microsoft.AspNetCore.Components;

namespace Guance.Billing.Web.Site;

/// <summary>A page about one own workspace.</summary>
public abstract class WorkspacePage : SitePage
{
    /// <summary>The workspace.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    /// <summary>The workspace as it stands; null until it is read, or where there is none.</summary>
    protected WorkspaceView? Workspace { get; private set; }

    /// <summary>Its id.</summary>
    /// <exception cref="BillingRefusal"><c>workspace-not-found</c></exception>
    protected WorkspaceId WorkspaceId => WorkspaceId.TryParse(Id, null, out var id)
        ? id
        : throw BillingRefusal.NotFound("workspace-not-found", "There is no such workspace of yours. My workspaces lists them.");

    /// <inheritdoc/>
    protected override async Task LoadAsync() => Workspace = await AskAsync(new GetWorkspace(WorkspaceId, Caller.Id));

    /// <summary>Reads all again.</summary>
    protected Task ReadAsync() => TryAsync(LoadAsync);
}
