using Guance.Billing.Platform.Access;

namespace Guance.Billing.Web.BillingCenter;

/// <summary>A page for an operator.</summary>
public abstract class OperatorPage : GuancePage
{
    /// <inheritdoc/>
    protected sealed override CallerKind For => CallerKind.Operator;

    /// <inheritdoc/>
    protected override string SignInPath => "/operator/sign-in";

    /// <summary>The words of these pages.</summary>
    private protected OperatorWords Words => OperatorWords.Of(Reader.Language);

    /// <summary>The words that customers read of the same things.</summary>
    private protected CenterWords CenterWords => CenterWords.Of(Reader.Language);
}
