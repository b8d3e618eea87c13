using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Settlement.Tables;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class FindBillingAccountHandler(SettlementDbContext tables, BillingAccountReader accounts) : IQueryHandler<FindBillingAccount, BillingAccountView>
{
    public async Task<BillingAccountView> Handle(FindBillingAccount request, CancellationToken cancellationToken)
    {
        var asked = request.UsernameOrId.Trim();
        var user = Ids.TryParse<BillingAccountId>(asked, out var id) ? await tables.UserOfAsync(id, cancellationToken) : await tables.UserNamedAsync(asked, cancellationToken);
        return await accounts.ReadAsync(user, cancellationToken) ?? throw SettlementRefusals.BillingAccountUnknown();
    }
}

internal static class FindBillingAccountEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/billing-accounts", async (string q, IRequestHandler<FindBillingAccount, BillingAccountView> find, CancellationToken ct) =>
            TypedResults.Ok(await find.Handle(new(q), ct)))
        .WithSummary("The billing account with this username or id, and its balances")
        .ForClients(Scopes.Operator)
        .Refuses("billing-account-unknown");
}
