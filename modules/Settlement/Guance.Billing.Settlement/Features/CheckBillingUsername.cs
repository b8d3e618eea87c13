using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Tables;

namespace Guance.Billing.Settlement.Features;

internal sealed class CheckBillingUsernameHandler(SettlementDbContext tables) : IQueryHandler<CheckBillingUsername, BillingUsernameAvailability>
{
    public async Task<BillingUsernameAvailability> Handle(CheckBillingUsername request, CancellationToken cancellationToken) =>
        new(await tables.UserNamedAsync(request.Username, cancellationToken) is not null);
}
