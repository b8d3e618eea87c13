using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.ReadModels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal static class VerifyJournalEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/journal-verification", async (JournalVerifier verifier, CancellationToken ct, BillingAccountId? billingAccountId = null) =>
            TypedResults.Ok(await verifier.VerifyAsync(billingAccountId, sealedBefore: null, ct)))
        .WithSummary("Reckon the journal's hash chains again: of one billing account, or of all")
        .ForClients(Scopes.Operator);
}
