using Guance.Billing.Platform;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.Tables;
using Marten;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.Registration.Features;

/// <summary>Note the Billing Center's yes; the secrets have served and go. Sent again, it changes nothing.</summary>
internal sealed record CompleteActivation(RegistrationId Id, ActivationAnswer Answer) : ICommand;

internal sealed class CompleteActivationHandler(
    IDocumentSession session, RegistrationDbContext tables, IMailbox mailbox, Deployment deployment, TimeProvider clock)
    : ICommandHandler<CompleteActivation>
{
    public async Task<Unit> Handle(CompleteActivation command, CancellationToken ct)
    {
        var (stream, registration) = await session.RegistrationAsync(command.Id, ct);
        foreach (var activated in RegistrationDecider.CompleteActivation(registration, command.Answer, clock.GetUtcNow()).Cast<RegistrationActivated>())
        {
            stream.AppendOne(activated);
            await tables.Secrets.Where(row => row.RegistrationId == registration.Id).ExecuteDeleteAsync(ct);
            await mailbox.QueueAsync([RegistrationMails.Activated(registration, activated, deployment.PublicUrl)], ct);
        }

        return Unit.Value;
    }
}
