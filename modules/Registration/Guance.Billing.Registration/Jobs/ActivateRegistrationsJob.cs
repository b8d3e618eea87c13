using Guance.Billing.Platform.Jobs;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.Features;
using Guance.Billing.Sites;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Guance.Billing.Registration.Jobs;

/// <summary>
/// Asks the Billing Center again for every registration that is activating, a few at once, until it is answered. When none of those asked
/// at once gets an answer, the Billing Center is away: the run ends, and the next one is near. One that fails does not hold the others.
/// </summary>
internal sealed class ActivateRegistrationsJob(IDocumentStore store, IServiceScopeFactory scopes, ILogger<ActivateRegistrationsJob> log) : ITickJob
{
    public const string Id = "registration:activate";
    private const int AsksAtOnceMax = 8;

    public async Task RunAsync(CancellationToken ct)
    {
        var failures = new List<Exception>();
        var after = "";
        await using var session = store.QuerySession();
        for (var next = await NextAsync(session, after, ct); next.Count > 0; next = await NextAsync(session, after, ct))
        {
            var outcomes = await Task.WhenAll(next.Select(registration => AskAsync(registration, ct)));
            failures.AddRange(outcomes.Select(outcome => outcome.Failure).OfType<Exception>());
            if (!outcomes.Any(outcome => outcome.IsAnswered))
            {
                break;
            }

            after = next[^1].Id;
        }

        if (failures.Count > 0)
        {
            throw new AggregateException("Some registrations could not be activated; they are tried again.", failures);
        }
    }

    private static Task<IReadOnlyList<CommercialRegistration>> NextAsync(IQuerySession session, string after, CancellationToken ct) =>
        session.Query<CommercialRegistration>()
            .Where(registration => registration.State == RegistrationState.Activating && registration.Id.CompareTo(after) > 0)
            .OrderBy(registration => registration.Id)
            .Take(AsksAtOnceMax)
            .ToListAsync(ct);

    private async Task<(bool IsAnswered, Exception? Failure)> AskAsync(CommercialRegistration registration, CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<Activation>().AskAsync(registration, ct);
            return (true, null);
        }
        catch (BillingRefusal refusal)
        {
            // Noted in the registration; its owner acts on it.
            log.LogInformation("The Billing Center refused to activate {Registration}: {Code}", registration.Id, refusal.Code);
            return (true, null);
        }
        catch (PeerUnreachableException failure)
        {
            log.LogInformation(failure, "No answer of the Billing Center for {Registration}, which goes on activating", registration.Id);
            return (false, null);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return (false, failure);
        }
    }
}
