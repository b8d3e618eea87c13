using FluentValidation;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tables;
using Marten;
using Npgsql;

namespace Guance.Billing.Settlement.Features;

internal sealed class ActivateWorkspaceValidator : AbstractValidator<ActivateWorkspace>
{
    public ActivateWorkspaceValidator()
    {
        RuleFor(c => c.WorkspaceName).Must(name => name.Trim().Length is > 0 and <= 256).WithErrorCode("workspace-name-invalid").WithMessage("A workspace's name has 1 to 256 characters.");
        RuleFor(c => c.WorkspaceLanguage).Must(language => language is "zh" or "en").WithErrorCode("workspace-language-invalid").WithMessage("The language is 'zh' or 'en'.");
        RuleFor(c => c.CloudAccountId).Must(CloudIds.IsAccountId).When(c => c.Method.IsCloud)
            .WithErrorCode("cloud-account-id-required").WithMessage("Give the account ID as the cloud's console shows it: letters, digits, '-' and '_'.");
        RuleFor(c => c.NewAccount).Must((command, account) => account is null != command.ExistingAccount is null)
            .WithErrorCode("billing-account-required").WithMessage("Give either a new billing account or an existing one.");
        RuleFor(c => c.NewAccount!.Username).Must(name => name.Trim().Length is >= 2 and <= 64).When(c => c.NewAccount is not null)
            .WithErrorCode("username-invalid").WithMessage("A username has 2 to 64 characters.");
    }
}

internal sealed class ActivateWorkspaceHandler(
    IDocumentSession session, SettlementDbContext tables, UnitOfWork work, CloudSubscriptions subscriptions, Claims claims, AttachCodes codes, Wallets wallets, TimeProvider clock)
    : ICommandHandler<ActivateWorkspace, WorkspaceActivation>
{
    public async Task<WorkspaceActivation> Handle(ActivateWorkspace request, CancellationToken cancellationToken)
    {
        // One activation of a workspace at a time: the second finds what the first has done.
        await using (var only = new NpgsqlCommand("select pg_advisory_xact_lock($1)", work.Connection, work.Transaction))
        {
            only.Parameters.Add(new() { Value = Ids.LockKey("activation", request.WorkspaceId.Value) });
            await only.ExecuteNonQueryAsync(cancellationToken);
        }

        if (await FirstAnswerAsync(request, cancellationToken) is { } first)
        {
            return first;
        }

        var now = clock.GetUtcNow();
        var account = request.NewAccount is { } opened
            ? await OpenAsync(request, opened, now, cancellationToken)
            : await AttachAsync(request, request.ExistingAccount!, now, cancellationToken);
        if (!request.MethodOfferedAtSite && !account.ArbitrarySettlement)
        {
            throw SettlementRefusals.MethodNotOffered();
        }

        var accountId = BillingAccountId.Of(account.Id);
        if (!request.Method.IsCloud && await wallets.IsInArrearsAsync(accountId, cancellationToken))
        {
            // It could not pay, and would escape the lock of its other workspaces.
            throw SettlementRefusals.AccountInArrears();
        }

        var cloud = request.Method.IsCloud ? await SubscriptionAsync(request, accountId, account.Username, now, cancellationToken) : null;
        session.Events.StartStream<WorkspaceSettlement>(request.WorkspaceId.Value, new WorkspaceBound(
            request.WorkspaceId, request.Site, accountId, request.WorkspaceName, request.WorkspaceLanguage, request.Method, cloud, request.RegistrationId, now));
        return new(accountId, account.Username, request.Method, cloud?.Account, now);
    }

    /// <summary>Asked again, the first answer is given, whatever has happened to the workspace since.</summary>
    private async Task<WorkspaceActivation?> FirstAnswerAsync(ActivateWorkspace request, CancellationToken ct)
    {
        var first = (await session.Events.FetchStreamAsync(request.WorkspaceId.Value, version: 1, token: ct)).Select(e => e.Data).OfType<WorkspaceBound>().SingleOrDefault();
        if (first is null)
        {
            return null;
        }

        if (first.Site != request.Site || first.Registration != request.RegistrationId)
        {
            throw BillingRefusal.Conflict("workspace-bound", "A workspace with this id is bound already, by another registration. Register again.");
        }

        var account = await session.LoadAsync<BillingAccount>(first.Account.Value, ct)
            ?? throw new InvalidOperationException($"{first.Account} has a workspace and must exist.");
        return new(first.Account, account.Username, first.Method, first.Cloud?.Account, first.At);
    }

    private async Task<BillingAccount> OpenAsync(ActivateWorkspace request, NewBillingAccount wanted, DateTimeOffset now, CancellationToken ct)
    {
        var username = wanted.Username.Trim();
        if (await tables.UserNamedAsync(username, ct) is not null)
        {
            throw BillingRefusal.Conflict("username-taken",
                "This username is taken in the Billing Center. Choose another one, or attach that billing account with its username and a mailed code.",
                SettlementRefusals.Details(("attach", true)));
        }

        var id = Ids.Deterministic<BillingAccountId>("billing-account", request.WorkspaceId.Value);
        var opened = new BillingAccountOpened(id, username, wanted.CompanyName, now);
        var account = BillingAccount.Create(opened);
        session.Events.StartStream<BillingAccount>(id.Value, [opened, .. BillingAccountDecider.JoinSite(account, request.Site, now)]);
        tables.BillingUsers.Add(new()
        {
            AccountId = id.Value,
            Username = username,
            NormalizedUsername = BillingUser.Normalize(username),
            PasswordHash = wanted.PasswordHash,
            Email = wanted.Email,
            Phone = wanted.Phone,
            CompanyName = wanted.CompanyName,
            CreatedAt = now,
        });
        return account;
    }

    private async Task<BillingAccount> AttachAsync(ActivateWorkspace request, ExistingBillingAccount wanted, DateTimeOffset now, CancellationToken ct)
    {
        var user = await tables.UserNamedAsync(wanted.Username, ct) ?? throw AttachCodes.Wrong();
        await codes.CheckAsync(request.RegistrationId, user.AccountId, wanted.Code, ct);
        var code = await tables.AttachCodes.FindAsync([request.RegistrationId.Value, user.AccountId], ct);
        code!.UsedAt = now;

        var stream = await session.Events.FetchForWriting<BillingAccount>(user.AccountId, ct);
        var account = stream.Aggregate ?? throw new InvalidOperationException($"{user.AccountId} has a user and must exist.");
        stream.AppendMany(BillingAccountDecider.JoinSite(account, request.Site, now));
        return account;
    }

    private async Task<CloudLink> SubscriptionAsync(ActivateWorkspace request, BillingAccountId account, string username, DateTimeOffset now, CancellationToken ct)
    {
        var provider = request.Method.Provider;
        var open = await subscriptions.FindOpenAndHoldAsync(provider, request.CloudAccountId!.Trim(), ct)
            ?? throw SettlementRefusals.CloudAccountUnknown(subscriptions.MarketUrl(provider));
        await claims.ClaimAsync(open, account, username, now, ct);
        return new(provider, open.AccountId!, open.InstanceId);
    }
}
