using Guance.Billing.Platform.Access;
using MediatR;
using Microsoft.AspNetCore.Components;

namespace Guance.Billing.Web.Site;

/// <summary>A page, or a part of one, for anybody.</summary>
public abstract class OpenPage : GuancePage
{
    /// <inheritdoc/>
    protected sealed override CallerKind For => CallerKind.Anonymous;

    /// <summary>The words of these pages.</summary>
    private protected SiteWords Words => SiteWords.Of(Reader.Language);

    /// <summary>The console user who has signed in; null for nobody.</summary>
    protected string? UserId => Caller.Kind is CallerKind.ConsoleUser ? Caller.Id : null;

    [Inject]
    private Pace Pace { get; set; } = null!;

    /// <summary>Sends what guesses secrets or has mails sent.</summary>
    /// <exception cref="BillingRefusal"><c>too-many-requests</c></exception>
    protected Task<TAnswer> AskSlowlyAsync<TAnswer>(IRequest<TAnswer> request)
    {
        Pace.Count();
        return AskAsync(request);
    }
}
