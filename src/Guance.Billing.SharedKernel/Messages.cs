using MediatR;

namespace Guance.Billing.SharedKernel;

/// <summary>Asks for a change. Has exactly one handler, whose effects commit in one transaction or not at all.</summary>
/// <typeparam name="TAnswer">What the caller learns.</typeparam>
public interface ICommand<out TAnswer> : IRequest<TAnswer>;

/// <summary>Asks for a change that has nothing to answer.</summary>
public interface ICommand : ICommand<Unit>;

/// <summary>A command that operators give. What they did by it is kept for ever, in the command's own transaction: the audit.</summary>
public interface IOperatorCommand
{
    /// <summary>What is kept; null where it is no operator's act: the system gives the command to itself, or it only shows what would happen.</summary>
    OperatorAct? Act { get; }
}

/// <summary>What an operator did.</summary>
/// <param name="By">Who, as histories name it, such as <c>client:ID</c>.</param>
/// <param name="What">A name, kebab-case, for ever, such as <c>credit-cash</c>.</param>
/// <param name="Subject">The id of the account, workspace or record, or the day, that it was about; what all of a kind are called where it was about all.</param>
/// <param name="Said">What was said with it, for people: an amount, a reason. No secret and no file.</param>
public sealed record OperatorAct(string By, string What, string Subject, string? Said = null);

/// <summary>Asks a question; changes nothing.</summary>
/// <typeparam name="TAnswer">The answer.</typeparam>
public interface IQuery<out TAnswer> : IRequest<TAnswer>;

/// <summary>
/// A command or query that another deployment may send over the site link and whose answer it waits for. Its effect is the same
/// however often it is sent with the same content.
/// </summary>
/// <typeparam name="TAnswer">The answer, serialised as JSON.</typeparam>
public interface IAsk<out TAnswer> : IRequest<TAnswer>
{
    /// <summary>The name it travels under, kebab-case, for ever.</summary>
    static abstract string AskName { get; }
}

/// <summary>Something a site asks of the Billing Center; a site can ask for itself only.</summary>
public interface IAskedBySite
{
    /// <summary>The site that asks.</summary>
    SiteCode Site { get; }
}

/// <summary>
/// A fact that a module tells others, declared in its Contracts. Delivered at least once and in the order of its stream;
/// <see cref="SourceVersion"/> lets a receiver see what it has already applied.
/// </summary>
public interface IIntegrationEvent
{
    /// <summary>The id of the domain event behind it; the same on every delivery.</summary>
    Guid EventId { get; }

    /// <summary>The version of the stream that it comes from, 1 for its first event.</summary>
    long SourceVersion { get; }

    /// <summary>When it happened, UTC.</summary>
    DateTimeOffset OccurredAt { get; }
}

/// <summary>A fact of the Billing Center that one site must learn; it travels by that site's feed.</summary>
public interface ITellsSite : IIntegrationEvent
{
    /// <summary>The site that it is for.</summary>
    SiteCode Site { get; }

    /// <summary>The workspace or account that it is about: the key under which its acknowledgement is looked up.</summary>
    string Subject { get; }
}

/// <summary>A fact of a site that the Billing Center must learn; it travels by the Billing Center's feed at that site.</summary>
public interface ITellsBillingCenter : IIntegrationEvent
{
    /// <summary>The site that it comes from.</summary>
    SiteCode Site { get; }

    /// <summary>The workspace or account that it is about.</summary>
    string Subject { get; }
}
