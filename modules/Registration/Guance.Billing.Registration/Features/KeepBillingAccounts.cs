using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.ReadModels;
using Guance.Billing.Registration.Tables;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.Registration.Features;

/// <summary>Keep the site's replica of billing accounts as the Billing Center tells it. Older news than what is kept changes nothing.</summary>
internal sealed record KeepBillingAccounts(IReadOnlyList<KnownBillingAccount> Accounts) : ICommand;

/// <summary>A billing account as it stood at a version of its stream.</summary>
internal sealed record KnownBillingAccount(BillingAccountId Id, string Username, string CompanyName, long SourceVersion, DateTimeOffset JoinedAt);

internal sealed class KeepBillingAccountsHandler(RegistrationDbContext tables) : ICommandHandler<KeepBillingAccounts>
{
    public async Task<Unit> Handle(KeepBillingAccounts command, CancellationToken ct)
    {
        // One row an account in one statement: the newest of those told at once.
        var newest = command.Accounts.GroupBy(account => account.Id).Select(news => news.MaxBy(account => account.SourceVersion)!).ToArray();
        await tables.Database.ExecuteSqlAsync(
            $"""
            insert into registration.billing_account as kept (id, username, company_name, source_version, joined_at)
            select * from unnest(
                {newest.Select(account => account.Id.Value).ToArray()},
                {newest.Select(account => account.Username).ToArray()},
                {newest.Select(account => account.CompanyName).ToArray()},
                {newest.Select(account => account.SourceVersion).ToArray()},
                {newest.Select(account => account.JoinedAt).ToArray()})
            on conflict (id) do update
                set username = excluded.username, company_name = excluded.company_name, source_version = excluded.source_version
                where excluded.source_version > kept.source_version
            """,
            ct);
        return Unit.Value;
    }
}

internal static class ListBillingAccountsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/billing-accounts", async (Registrations registrations, RegistrationDbContext tables, ICallers callers, CancellationToken ct) =>
        {
            var ids = (await registrations.OfUserAsync(callers.Current.Id, ct))
                .Select(registration => registration.Activated?.BillingAccountId.Value)
                .OfType<string>()
                .ToArray();
            var rows = await tables.BillingAccounts.AsNoTracking().Where(row => ids.Contains(row.Id)).OrderBy(row => row.Id).ToListAsync(ct);
            return TypedResults.Ok(new Page<BillingAccountView>([.. rows.Select(Views.Of)], NextCursor: null));
        })
        .ForConsoleUsers()
        .WithSummary("Own billing accounts, as they are synchronised to this site");
}
