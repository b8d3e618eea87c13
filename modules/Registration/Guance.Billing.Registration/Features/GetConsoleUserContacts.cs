using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Tables;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.Registration.Features;

internal sealed class GetConsoleUserContactsHandler(RegistrationDbContext tables)
    : IQueryHandler<GetConsoleUserContacts, IReadOnlyList<ConsoleUserContact>>
{
    private const int UserIdsMax = 1000;

    public async Task<IReadOnlyList<ConsoleUserContact>> Handle(GetConsoleUserContacts request, CancellationToken cancellationToken)
    {
        if (request.UserIds.Count > UserIdsMax)
        {
            throw new ArgumentOutOfRangeException(nameof(request), request.UserIds.Count, $"At most {UserIdsMax} users at once.");
        }

        return await tables.Users.AsNoTracking()
            .Where(user => request.UserIds.Contains(user.Id))
            .Select(user => new ConsoleUserContact(user.Id, user.UserName!, user.Email!))
            .ToListAsync(cancellationToken);
    }
}
