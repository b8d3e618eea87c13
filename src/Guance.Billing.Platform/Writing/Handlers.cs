using MediatR;

namespace Guance.Billing.Platform.Writing;

/// <summary>
/// Handles one kind of command. It reads what it needs, asks a pure decider, appends to the session that it was given, and answers. It
/// does not save: the command's whole effect is committed after it by the unit of work, in one transaction. It may run again from the
/// start when another transaction came first.
/// </summary>
/// <typeparam name="TCommand">The command.</typeparam>
/// <typeparam name="TAnswer">What the caller learns.</typeparam>
public interface ICommandHandler<in TCommand, TAnswer> : IRequestHandler<TCommand, TAnswer>
    where TCommand : ICommand<TAnswer>;

/// <inheritdoc cref="ICommandHandler{TCommand,TAnswer}"/>
public interface ICommandHandler<in TCommand> : IRequestHandler<TCommand, Unit>
    where TCommand : ICommand<Unit>;

/// <summary>Answers one kind of question; changes nothing.</summary>
/// <typeparam name="TQuery">The question.</typeparam>
/// <typeparam name="TAnswer">The answer.</typeparam>
public interface IQueryHandler<in TQuery, TAnswer> : IRequestHandler<TQuery, TAnswer>
    where TQuery : IQuery<TAnswer>;

/// <summary>How a handler reads another module: by its queries, nothing else.</summary>
public interface IQueries
{
    /// <summary>Asks the module that owns the query.</summary>
    Task<TAnswer> Ask<TAnswer>(IQuery<TAnswer> query, CancellationToken ct);
}

internal sealed class Queries(IMediator mediator) : IQueries
{
    public Task<TAnswer> Ask<TAnswer>(IQuery<TAnswer> query, CancellationToken ct) => mediator.Send(query, ct);
}
