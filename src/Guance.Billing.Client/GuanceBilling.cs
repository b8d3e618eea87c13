using Guance.Billing.Client.BillingCenter;
using Guance.Billing.Client.Site;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

namespace Guance.Billing.Client;

/// <summary>
/// The public API of Guance Billing, typed: made from the documents that deployments serve (<c>/openapi/v1.json</c>). Its clients may be kept and shared for as long as the program
/// runs. What is refused throws the generated <c>Problem</c>, whose <c>Code</c> is stable and whose <c>Detail</c> says what to do.
/// </summary>
public static class GuanceBilling
{
    /// <summary>The Billing Center's API.</summary>
    public static BillingCenterClient BillingCenter(GuanceBillingOptions options) => new(Adapter(options));

    /// <summary>A site's API.</summary>
    public static SiteClient Site(GuanceBillingOptions options) => new(Adapter(options));

    /// <summary>
    /// What the clients send through, for an <see cref="HttpClient"/> of one's own: gives every POST an <c>Idempotency-Key</c> unless it has one, and asks again whoever gave no answer or half of one, or
    /// answered that something is away or that it is too much just now (408, 429, 5xx), after as long as <c>Retry-After</c> says, else after a growing while. Nothing is done twice by
    /// that: GET, PUT and DELETE may be repeated, a POST that moves something knows its key, and usage events are known by their ids.
    /// </summary>
    /// <param name="giveUpAfter">How long it goes on; then the last answer is given, or the failure thrown.</param>
    /// <param name="inner">Sends; its own to set up cookies, proxies or certificates. A handler that follows no settings of this machine's otherwise.</param>
    public static HttpMessageHandler Handler(TimeSpan giveUpAfter, HttpMessageHandler? inner = null) => new IdempotencyKeyHandler
    {
        InnerHandler = new ResilienceHandler(Persistence.For(giveUpAfter)) { InnerHandler = new WholeAnswerHandler { InnerHandler = inner ?? new SocketsHttpHandler { UseCookies = true } } },
    };

    private static HttpClientRequestAdapter Adapter(GuanceBillingOptions options)
    {
        // It owns its handler, and lives as long as the client does.
        var http = new HttpClient(Handler(options.GiveUpAfter, options.Inner)) { Timeout = Timeout.InfiniteTimeSpan };
        IAuthenticationProvider access = options.ClientId is null ? new AnonymousAuthenticationProvider() : new BaseBearerTokenAuthenticationProvider(new ClientCredentials(options, http));
        return new(access, httpClient: http) { BaseUrl = options.Url.AbsoluteUri.TrimEnd('/') };
    }
}

/// <summary>Whom to talk to, as whom, and for how long to go on.</summary>
public sealed record GuanceBillingOptions
{
    /// <summary>The deployment's address.</summary>
    public required Uri Url { get; init; }

    /// <summary>The Billing Center's address, which gives access tokens; <see cref="Url"/> unless told.</summary>
    public Uri? BillingCenterUrl { get; init; }

    /// <summary>An OAuth client; none for people, who sign in by <c>POST /api/session</c> and are known by a cookie from then on.</summary>
    public string? ClientId { get; init; }

    /// <summary>Its secret.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What it is to be allowed, such as <c>usage.write</c>; all that it may be unless told.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>How long a call goes on against outages; 100 s unless told.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Sends, in place of a handler of its own that keeps cookies.</summary>
    public HttpMessageHandler? Inner { get; init; }
}
