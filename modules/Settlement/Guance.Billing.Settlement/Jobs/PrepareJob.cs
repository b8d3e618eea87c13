using Guance.Billing.Platform.Jobs;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Features;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Guance.Billing.Settlement.Jobs;

/// <summary>Sees to what billing stands on: a price book, partitions for the months ahead, and sites that know which items they may meter.</summary>
internal sealed class PrepareJob(IMediator mediator, BillingDays days, TimeProvider clock) : ITickJob
{
    public const string Id = "settlement:prepare";
    private const int MonthsAhead = 2;

    public async Task RunAsync(CancellationToken ct)
    {
        await mediator.Send(new PublishPriceBook(Resources.Text("price-book.csv"), "system", Preview: false, OnlyFirst: true), ct);
        var today = days.Of(clock.GetUtcNow());
        for (var ahead = -1; ahead <= MonthsAhead; ahead++)
        {
            await mediator.Send(new MakeMonth(new DateOnly(today.Year, today.Month, 1).AddMonths(ahead)), ct);
        }

        await mediator.Send(new TellItemCatalogs(), ct);
    }
}

/// <summary>Prepares before the deployment serves, so that it never does without prices.</summary>
internal sealed class PrepareAtStart(IServiceScopeFactory scopes) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<PrepareJob>(scope.ServiceProvider).RunAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
