using System.Security.Claims;
using Guance.Billing.Platform.Access;

namespace Guance.Billing.Web.Pages;

/// <summary>Whose pages they are.</summary>
internal static class Account
{
    /// <summary>The billing account that is signed in, if one is.</summary>
    public static BillingAccountId? Of(ClaimsPrincipal user) =>
        Caller.Of(user) is { Kind: CallerKind.BillingUser, Id: var id } ? BillingAccountId.Of(id) : null;
}
