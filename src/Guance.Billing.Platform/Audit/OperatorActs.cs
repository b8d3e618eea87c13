using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using MediatR;
using Npgsql;

namespace Guance.Billing.Platform.Audit;

/// <summary>
/// Keeps what an operator did, in the transaction of the command by which it was done: no effect without its act, no act without its effect. Runs inside the
/// unit of work, so what is answered from memory under an <c>Idempotency-Key</c> is no second act.
/// </summary>
/// <typeparam name="TRequest">The command.</typeparam>
/// <typeparam name="TResponse">Its answer.</typeparam>
public sealed class OperatorActBehavior<TRequest, TResponse>(UnitOfWork work, TimeProvider clock) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ICommand<TResponse>, IOperatorCommand
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var answer = await next();
        if (request.Act is { } act)
        {
            await using var keep = work.Command(OperatorActs.Insert, OperatorActs.Values(act, clock.GetUtcNow()));
            await keep.ExecuteNonQueryAsync(cancellationToken);
        }

        return answer;
    }
}

/// <summary>Keeps acts of operators that no command makes: that they signed in, or tried to.</summary>
internal sealed class OperatorActs(NpgsqlDataSource dataSource, TimeProvider clock)
{
    public const string Insert = "insert into platform.operator_act (at, by, what, subject, said) values ($1, $2, $3, $4, $5)";

    public async Task KeepAsync(OperatorAct act, CancellationToken ct)
    {
        await using var keep = dataSource.Command(Insert, Values(act, clock.GetUtcNow()));
        await keep.ExecuteNonQueryAsync(ct);
    }

    public static object?[] Values(OperatorAct act, DateTimeOffset at) => [at, act.By, act.What, act.Subject, act.Said];
}
