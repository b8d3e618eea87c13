using System.Globalization;
using FluentValidation;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class ChangeSettlementMethodValidator : AbstractValidator<ChangeSettlementMethod>
{
    public ChangeSettlementMethodValidator()
    {
        RuleFor(c => c.CloudAccountId).Must(CloudIds.IsAccountId).When(c => c.Method.IsCloud)
            .WithErrorCode("cloud-account-id-required").WithMessage("Give the account ID as the cloud's console shows it: letters, digits, '-' and '_'.");
        RuleFor(c => c.ProductInstanceId).Must(CloudIds.IsInstanceId).When(c => c.Method.IsCloud && !string.IsNullOrWhiteSpace(c.ProductInstanceId))
            .WithErrorCode("product-instance-id-invalid").WithMessage("Give the product instance ID as the cloud's console shows it: at most 64 letters, digits, '-' and '_'.");
    }
}

internal sealed class ChangeSettlementMethodHandler(
    IDocumentSession session, CloudSubscriptions subscriptions, Claims claims, Deployment deployment, TimeProvider clock)
    : ICommandHandler<ChangeSettlementMethod, MethodChange>
{
    public async Task<MethodChange> Handle(ChangeSettlementMethod request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (stream, state) = await session.FetchWorkspaceAsync(request.WorkspaceId, request.OnlyAccount, cancellationToken);
        if (request.ExpectedVersion is { } expected && expected != state.Version)
        {
            throw SettlementRefusals.Stale(state.Version);
        }

        if (!state.IsDissolved && IsSame(state, request))
        {
            return Answer(request, state, [], now);
        }

        var (link, _) = await subscriptions.LinkOfAsync(state, cancellationToken);
        WorkspaceSettlementDecider.MayChangeMethod(state, link, deployment.TimeZone, now);
        var wanted = request.Method.IsCloud ? await SubscriptionAsync(request, state, now, cancellationToken) : WantedMethod.BillingCenter;
        var events = WorkspaceSettlementDecider.ChangeMethod(state, wanted, request.By, now);
        if (!request.Preview)
        {
            stream.AppendMany(events);
        }

        return Answer(request, state, events, now);
    }

    /// <summary>Whether what is asked for holds already; a cloud account without an instance means any of its subscriptions.</summary>
    private static bool IsSame(WorkspaceSettlement state, ChangeSettlementMethod request) =>
        state.Method == request.Method
        && (state.Cloud is not { } cloud
            || (cloud.AccountId == request.CloudAccountId?.Trim()
                && (string.IsNullOrWhiteSpace(request.ProductInstanceId) || cloud.InstanceId == request.ProductInstanceId.Trim())));

    private async Task<WantedMethod> SubscriptionAsync(ChangeSettlementMethod request, WorkspaceSettlement state, DateTimeOffset now, CancellationToken ct)
    {
        var provider = request.Method.Provider;
        var accountId = request.CloudAccountId!.Trim();
        var claim = await session.LoadAsync<CloudAccountClaim>(CloudAccountClaim.Key(provider, accountId), ct);
        CloudSubscriptionFacts? subscription;
        if (!string.IsNullOrWhiteSpace(request.ProductInstanceId))
        {
            subscription = await subscriptions.GetAndHoldAsync(new(provider, request.ProductInstanceId.Trim()), ct);
        }
        else if (claim?.Account == state.Account)
        {
            // A registered cloud account is picked instead of typed: its newest open subscription.
            subscription = await subscriptions.FindOpenAndHoldAsync(provider, accountId, ct);
        }
        else
        {
            throw BillingRefusal.InvalidField("productInstanceId", "product-instance-id-required",
                "This cloud account is not registered with the billing account yet: give the product instance ID, too.");
        }

        switch (subscription)
        {
            case null:
                throw SettlementRefusals.CloudSubscriptionUnknown(subscriptions.MarketUrl(provider));
            case { State: CloudSubscriptionState.Requested, AccountId: null }:
                throw SettlementRefusals.CloudSubscriptionNotReady();
            case { AccountId: var owner } when owner != accountId:
                throw SettlementRefusals.CloudSubscriptionUnknown(subscriptions.MarketUrl(provider));
            case { State: CloudSubscriptionState.Requested }:
                throw SettlementRefusals.CloudSubscriptionNotReady();
            case { State: CloudSubscriptionState.Closed }:
                throw SettlementRefusals.CloudSubscriptionClosed();
            case { State: CloudSubscriptionState.Frozen }:
                throw SettlementRefusals.CloudSubscriptionFrozen();
        }

        if (claim is not null && claim.Account != state.Account)
        {
            throw SettlementRefusals.CloudAccountClaimed();
        }

        if (!request.Preview)
        {
            var account = await session.LoadAsync<BillingAccount>(state.Account.Value, ct)
                ?? throw new InvalidOperationException($"{state.Account} has a workspace and must exist.");
            await claims.ClaimAsync(subscription, state.Account, account.Username, now, ct);
        }

        return WantedMethod.By(new(provider, accountId, subscription.InstanceId));
    }

    private static SettledBy Of(WorkspaceSettlement state) => new(state.Method, state.Cloud?.AccountId, state.Cloud?.InstanceId);

    private MethodChange Answer(ChangeSettlementMethod request, WorkspaceSettlement before, IReadOnlyList<object> events, DateTimeOffset now)
    {
        var after = WorkspaceSettlementDecider.After(before, events);
        var next = WorkspaceSettlementDecider.NextChangeAt(after, deployment.TimeZone);
        var nextAhead = next > now ? next : null;
        var warnings = new List<string>();
        if (events.Count > 0 && after.Cloud is not null)
        {
            warnings.Add("While this cloud subscription is open the workspace cannot leave it; cancel it at the cloud market first.");
        }

        if (events.Count > 0 && nextAhead is not null)
        {
            warnings.Add($"This is the one change of this month; the next is possible at {nextAhead.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}.");
        }

        return new(
            request.WorkspaceId,
            request.Preview,
            events.Count > 0,
            after.Method,
            after.Cloud?.AccountId,
            after.Cloud?.InstanceId,
            Of(before),
            Of(after),
            after.MethodSince,
            nextAhead,
            before.LockedSince is not null && after.LockedSince is null,
            warnings,
            before.Version + (request.Preview ? 0 : events.Count));
    }
}

internal static class ChangeSettlementMethodEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPut("/api/workspaces/{id}/settlement-method", async (
            WorkspaceId id, Body body, [FromHeader(Name = "If-Match")] string? ifMatch, HttpResponse response, ICallers callers, IMediator mediator, CancellationToken ct, bool preview = false) =>
        {
            var change = await mediator.Send(
                new ChangeSettlementMethod(
                    id, callers.Current.OnlyAccount(), callers.Current.By,
                    body.Method ?? throw BillingRefusal.InvalidField("method", "method-required", "Say who shall pay: \"billing-center\", or a cloud such as \"huawei-cloud\"."),
                    body.CloudAccountId, body.ProductInstanceId, Version(ifMatch), preview),
                ct);
            response.Headers.ETag = $"\"{change.Version}\"";
            return TypedResults.Ok(change);
        })
        .WithSummary("Change how a workspace is settled; ?preview=true says what would happen and changes nothing")
        .ForBillingUsers(Scopes.BillingWrite, Scopes.Operator)
        .Gives<ChangeSettlementMethod>()
        .Refuses(
            "method-required", "workspace-unknown", "workspace-dissolved", "workspace-locked", "stale", "change-limit-reached", "closing-under-way",
            "cloud-subscription-open", "cloud-subscription-unknown", "cloud-subscription-not-ready", "cloud-subscription-closed",
            "cloud-subscription-frozen", "cloud-account-claimed", "cloud-account-id-required", "product-instance-id-required", "product-instance-id-invalid",
            "if-match-invalid");

    /// <summary>The version that If-Match names; null when the caller doesn't mind.</summary>
    private static int? Version(string? ifMatch) =>
        ifMatch is null or "*" ? null
        : int.TryParse(ifMatch.Replace("W/", "", StringComparison.Ordinal).Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
        : throw BillingRefusal.InvalidField("If-Match", "if-match-invalid", "Give the ETag that GET answered, such as \"3\".");

    internal sealed record Body(SettlementMethod? Method, string? CloudAccountId, string? ProductInstanceId);
}
