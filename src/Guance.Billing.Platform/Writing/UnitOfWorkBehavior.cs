using MediatR;

namespace Guance.Billing.Platform.Writing;

/// <summary>
/// Runs a command in the unit of work and commits it. When another transaction came first (a stream moved on, a unique key was taken,
/// a deadlock), everything is undone and the handler runs again from the start on what is there now, at most
/// <see cref="AttemptsMax"/> times. Inside an open unit of work it only flushes: whoever opened it commits.
/// </summary>
/// <typeparam name="TRequest">The command.</typeparam>
/// <typeparam name="TResponse">Its answer.</typeparam>
public sealed class UnitOfWorkBehavior<TRequest, TResponse>(UnitOfWork work, Idempotency idempotency) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ICommand<TResponse>
{
    private const int AttemptsMax = 5;

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (work.IsOpen)
        {
            var nested = await next();
            await work.FlushAsync(cancellationToken);
            return nested;
        }

        for (var attempt = 1; ; attempt++)
        {
            await work.BeginAsync(cancellationToken);
            work.IsFirstAttempt = attempt == 1;
            try
            {
                var answer = await idempotency.OnceAsync<TRequest, TResponse>(work, () => next(), cancellationToken);
                await work.CommitAsync(cancellationToken);
                return answer;
            }
            catch (Exception failure) when (attempt < AttemptsMax && Conflicts.SomebodyElseCameFirst(failure))
            {
                await work.RollbackAsync();
            }
            catch
            {
                await work.RollbackAsync();
                throw;
            }
        }
    }
}
