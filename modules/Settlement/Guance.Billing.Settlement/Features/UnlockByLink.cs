using System.Text.Encodings.Web;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tables;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

/// <summary>Unlocks by a one-use link, as the user of the billing account would (rules §6). Refused, the link stays good.</summary>
internal sealed record UnlockByLink(string TokenHash) : ICommand<UnlockedByLink>;

internal sealed record UnlockedByLink(string WorkspaceName, string Language);

internal sealed class UnlockByLinkHandler(IDocumentSession session, SettlementDbContext tables, CloudSubscriptions subscriptions, Wallets wallets, TimeProvider clock)
    : ICommandHandler<UnlockByLink, UnlockedByLink>
{
    public async Task<UnlockedByLink> Handle(UnlockByLink request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var usable = UnlockLinks.Usable(await tables.HoldLinkAsync(request.TokenHash, cancellationToken), now);
        var (stream, state) = await session.FetchWorkspaceAsync(WorkspaceId.Of(usable.WorkspaceId), null, cancellationToken);
        var (current, caughtUp) = await subscriptions.CatchUpAsync(state, now, cancellationToken);
        stream.AppendMany(caughtUp);
        var inArrears = await wallets.IsInArrearsAsync(state.Account, cancellationToken);
        stream.AppendMany(WorkspaceSettlementDecider.Unlock(current, inArrears, usable.RequestedBy, now));
        usable.UsedAt = now;
        return new(state.Name, state.Language);
    }
}

internal static class UnlockByLinkEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/unlock/{token}", (string token, HttpRequest request, Secrets secrets, SettlementDbContext tables, IQuerySession session, TimeProvider clock, CancellationToken ct) =>
                PageOr(request, async () =>
                {
                    var hash = await secrets.HashAsync(["unlock", token], ct);
                    var link = UnlockLinks.Usable(await tables.LinkAsync(hash, ct), clock.GetUtcNow());
                    var workspace = await session.GetWorkspaceAsync(WorkspaceId.Of(link.WorkspaceId), null, ct);
                    return Page(workspace.Language, workspace.Language == "zh"
                        ? $"""
                          <h1>解锁工作空间“{Html(workspace.Name)}”</h1>
                          <p>解锁后，该工作空间由其费用中心账号结算，数据继续上报。若锁定已超过 14 天，已清除的数据无法恢复。</p>
                          <form method="post"><button type="submit">立即解锁</button></form>
                          """
                        : $"""
                          <h1>Unlock the workspace “{Html(workspace.Name)}”</h1>
                          <p>Afterwards its Billing Center account settles it, and data keeps coming in. If it has been locked for more than 14 days, the data that was wiped does not come back.</p>
                          <form method="post"><button type="submit">Unlock Now</button></form>
                          """);
                }))
            .WithSummary("What unlocking by this link means").ForAnyone().GuessedAt().Refuses("link-unknown", "link-used", "link-expired");
        endpoints.MapPost("/unlock/{token}", (string token, HttpRequest request, Secrets secrets, IMediator mediator, CancellationToken ct) =>
                PageOr(request, async () =>
                {
                    var done = await mediator.Send(new UnlockByLink(await secrets.HashAsync(["unlock", token], ct)), ct);
                    return Page(done.Language, done.Language == "zh"
                        ? $"<h1>工作空间“{Html(done.WorkspaceName)}”已解锁</h1><p>现由费用中心账号结算。可关闭本页，返回控制台。</p>"
                        : $"<h1>The workspace “{Html(done.WorkspaceName)}” is unlocked</h1><p>Its Billing Center account settles it now. Close this page and go back to the console.</p>");
                }))
            .WithSummary("Unlock by a one-use link").ForAnyone().GuessedAt()
            .Refuses("link-unknown", "link-used", "link-expired", "operator-lock-holds", "account-in-arrears", "workspace-dissolved");
    }

    /// <summary>A person's browser is told of a refusal by a page, a program by a problem.</summary>
    private static async Task<IResult> PageOr(HttpRequest request, Func<Task<IResult>> serve)
    {
        try
        {
            return await serve();
        }
        catch (BillingRefusal refusal) when (request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            var status = refusal.Kind is RefusalKind.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict;
            return Page("en", $"<h1>Not unlocked / 未解锁</h1><p data-code=\"{refusal.Code}\">{Html(refusal.Message)}</p>", status);
        }
    }

    private static ContentHttpResult Page(string language, string body, int status = StatusCodes.Status200OK) => TypedResults.Content(
        $"""
        <!doctype html>
        <html lang="{(language == "zh" ? "zh-CN" : "en")}">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Guance</title></head>
        <body><main>
        {body}
        </main></body>
        </html>
        """,
        "text/html; charset=utf-8",
        statusCode: status);

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
