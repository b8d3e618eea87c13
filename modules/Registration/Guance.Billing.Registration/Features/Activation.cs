using Guance.Billing.Platform;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.Tables;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Sites;
using Guance.Billing.Workspaces.Contracts;
using MediatR;

namespace Guance.Billing.Registration.Features;

/// <summary>Asks the Billing Center to activate and notes its answer; used by the edge at once and by the job until it is answered.</summary>
internal sealed class Activation(IBillingCenter billingCenter, IMediator mediator, RegistrationDbContext tables, Deployment deployment, TimeProvider clock)
{
    /// <summary>
    /// Asks once for a registration that is activating. The content follows from the registration alone, so each repetition asks the
    /// same. Cut off anywhere, it is simply done again.
    /// </summary>
    /// <exception cref="BillingRefusal">The Billing Center refused, and that is noted: the registration is at step 3 again.</exception>
    /// <exception cref="PeerUnreachableException">No answer; the registration stays activating.</exception>
    public async Task AskAsync(CommercialRegistration registration, CancellationToken ct)
    {
        var secret = await tables.SecretAsync(registration.RegistrationId, ct);
        if (secret is null)
        {
            return; // It was completed meanwhile.
        }

        WorkspaceActivation answer;
        try
        {
            answer = await billingCenter.AskAsync<ActivateWorkspace, WorkspaceActivation>(Ask(registration, secret), ct);
        }
        catch (BillingRefusal refusal) when (refusal.Kind is RefusalKind.Unavailable or RefusalKind.TooMany or RefusalKind.Unauthenticated)
        {
            // A no to the asking, not to the activation.
            throw new PeerUnreachableException(refusal.Message, refusal);
        }
        catch (BillingRefusal refusal)
        {
            await mediator.Send(new RefuseActivation(registration.RegistrationId, registration.Attempt, refusal.Kind, refusal.Code, refusal.Message), ct);
            throw;
        }

        var yes = new ActivationAnswer(answer.BillingAccountId, answer.BillingUsername, answer.Method, answer.CloudAccount, answer.ActivatedAt);
        foreach (var activated in RegistrationDecider.CompleteActivation(registration, yes, clock.GetUtcNow()).Cast<RegistrationActivated>())
        {
            // First, so that the workspace is there for its agents and its owner as soon as anybody is told so, whoever asked.
            await mediator.Send(activated.ToCreateWorkspace(), ct);
        }

        await mediator.Send(new CompleteActivation(registration.RegistrationId, yes), ct);
    }

    private ActivateWorkspace Ask(CommercialRegistration registration, SecretRow secret)
    {
        var request = registration.Activation!; // There since it is activating.
        return new ActivateWorkspace(
            deployment.Site,
            registration.RegistrationId,
            request.WorkspaceId,
            request.WorkspaceName,
            request.WorkspaceLanguage,
            request.Method,
            request.CloudAccountId,
            request.MethodOfferedAtSite,
            request.NewBillingUsername is { } opened
                ? new(opened, secret.PasswordHash, registration.Email, registration.Phone, registration.Company!.Name)
                : null,
            request.ExistingBillingUsername is { } attached
                ? new(attached, secret.BillingCode ?? "")
                : null);
    }
}

/// <summary>What an activation means for the Workspaces module.</summary>
internal static class ActivatedWorkspaces
{
    public static CreateWorkspace ToCreateWorkspace(this RegistrationActivated activated) => new(
        activated.Workspace.WorkspaceId,
        activated.Workspace.OwnerUserId,
        activated.Workspace.Name,
        activated.Workspace.Language,
        activated.BillingAccountId,
        activated.Method,
        activated.CloudAccount,
        activated.At);
}
