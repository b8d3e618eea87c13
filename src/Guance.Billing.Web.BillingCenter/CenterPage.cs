using Guance.Billing.Platform.Access;

namespace Guance.Billing.Web.BillingCenter;

/// <summary>A page for the user of a billing account.</summary>
public abstract class CenterPage : GuancePage
{
    /// <inheritdoc/>
    protected sealed override CallerKind For => CallerKind.BillingUser;

    /// <summary>Whose pages they are.</summary>
    protected BillingAccountId Account => BillingAccountId.Of(Caller.Id);

    /// <summary>The words of these pages.</summary>
    private protected CenterWords Words => CenterWords.Of(Reader.Language);
}
