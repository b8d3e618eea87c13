using Guance.Billing.Platform.Access;

namespace Guance.Billing.Web.Site;

/// <summary>A page for somebody with a console account of this site.</summary>
public abstract class SitePage : GuancePage
{
    /// <inheritdoc/>
    protected sealed override CallerKind For => CallerKind.ConsoleUser;

    /// <summary>The words of these pages.</summary>
    private protected SiteWords Words => SiteWords.Of(Reader.Language);
}
