using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.Tables;
using Marten;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.Registration.Features;

/// <summary>Note the Billing Center's no to one attempt: the registration is at step 3 again. Sent again, it changes nothing.</summary>
internal sealed record RefuseActivation(RegistrationId Id, int Attempt, RefusalKind Kind, string Code, string Message) : ICommand;

internal sealed class RefuseActivationHandler(IDocumentSession session, RegistrationDbContext tables, TimeProvider clock)
    : ICommandHandler<RefuseActivation>
{
    public async Task<Unit> Handle(RefuseActivation command, CancellationToken ct)
    {
        var (stream, registration) = await session.RegistrationAsync(command.Id, ct);
        var events = RegistrationDecider.RefuseActivation(registration, command.Attempt, command.Kind, command.Code, command.Message, clock.GetUtcNow());
        if (events.Count > 0)
        {
            stream.AppendMany(events);
            await tables.Secrets.Where(row => row.RegistrationId == registration.Id)
                .ExecuteUpdateAsync(row => row.SetProperty(r => r.BillingCode, (string?)null), ct);
        }

        return Unit.Value;
    }
}
