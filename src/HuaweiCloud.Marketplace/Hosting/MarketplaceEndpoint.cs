using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HuaweiCloud.Marketplace;

/// <summary>Answers the marketplace's calls. Whatever comes in, the answer is HTTP 200, <c>application/json</c>, with a result code and a
/// <c>Body-Sign</c>: any other status tells the marketplace nothing but "failed" (protocol §0.6, §1).</summary>
/// <remarks>Order of checks (protocol §3): timestamp and nonce (000002), signature (000001), nonce used before (000002: freshness is that
/// code's matter, 000001 is for the signature alone), then content type, JSON and fields (000002). A nonce is remembered only once the
/// signature is verified, so nobody else can use one up.</remarks>
internal sealed class MarketplaceEndpoint(IOptionsMonitor<HuaweiMarketplaceOptions> options, TimeProvider clock, ILogger<MarketplaceEndpoint> logger)
{
    private const int NonceLengthMax = 128;

    public Task HandleV2Async(HttpContext context) => AnswerAsync(context, MarketplaceProtocolVersion.V2, AuthenticateV2Async);

    public Task HandleV1Async(HttpContext context)
    {
        if (options.CurrentValue.V1.Enabled) return AnswerAsync(context, MarketplaceProtocolVersion.V1, AuthenticateV1Async);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>What a call turned out to be, once it is known to be the marketplace's.</summary>
    private sealed record Authenticated(string AccessKey, DateTimeOffset SignedAt, string? Nonce, Func<MarketplaceRequest> Read);

    private delegate Task<Authenticated> Authenticate(HttpContext context, HuaweiMarketplaceOptions settings, DateTimeOffset now, CancellationToken cancellationToken);

    private sealed class AuthenticationFailedException(string message) : Exception(message);

    private async Task AnswerAsync(HttpContext context, MarketplaceProtocolVersion version, Authenticate authenticate)
    {
        var settings = options.CurrentValue;
        var isV1 = version == MarketplaceProtocolVersion.V1;
        var started = Stopwatch.GetTimestamp();
        var key = settings.AccessKey; // of refusals before a key is verified
        MarketplaceRequest? request = null;
        MarketplaceResult result;
        byte[]? answer = null;
        string? reason = null; // this library's own words; a seller's may hold what does not belong into a log

        // Real time on purpose: the marketplace waits that long, whatever this system's clock is told to be.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(settings.AnswerTimeout);
        try
        {
            var now = clock.GetUtcNow();
            var authenticated = await authenticate(context, settings, now, limit.Token);
            key = authenticated.AccessKey;
            await RefuseReplayAsync(context, authenticated.Nonce, now + 2 * settings.MaxTimestampSkew, limit.Token);
            request = authenticated.Read();
            if (request.UnknownFields.Count > 0)
                logger.LogInformation("Fields of {Request} that the protocol does not name: {Fields}", request.GetType().Name, string.Join(", ", request.UnknownFields.Keys.Take(20)));

            result = request.IsTest
                ? TestAnswers.To(request, settings, now)
                : await CallSellerAsync(context.RequestServices.GetRequiredService<IMarketplaceSeller>(), request, new MarketplaceCall(now, authenticated.SignedAt, version, IsTest: false), limit.Token);
            answer = AnswerWriter.Write(result, isV1 || settings.AppInfoInNewInstance, isV1 ? new(key, settings.V1.EncryptType) : null);
        }
        catch (InvalidFieldException e)
        {
            result = new MarketplaceResult(MarketplaceResultCodes.InvalidParameter, reason = e.Message);
        }
        catch (AuthenticationFailedException e)
        {
            result = new MarketplaceResult(MarketplaceResultCodes.AuthenticationFailed, reason = e.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            logger.LogInformation("The caller left before {Request} was answered", request?.GetType().Name ?? "a call");
            return;
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            logger.LogError(e, "{Request} was not answered within {Limit}", request?.GetType().Name ?? "A call", settings.AnswerTimeout);
            result = new MarketplaceResult(MarketplaceResultCodes.InternalError, "not done in time, please call again");
        }
        catch (Exception e) // whatever the host's code throws: the marketplace understands result codes alone
        {
            logger.LogError(e, "{Request} failed", request?.GetType().Name ?? "A call");
            result = new MarketplaceResult(MarketplaceResultCodes.InternalError, "internal error, please call again");
        }

        answer ??= AnswerWriter.Write(result, withAppInfo: false, encryption: null);
        logger.Log(
            result.Code is MarketplaceResultCodes.Success or MarketplaceResultCodes.Processing ? LogLevel.Information : LogLevel.Warning,
            "Marketplace {Version} {Request}{Test}: {Code} {Reason} in {Elapsed} ms", version, request?.GetType().Name ?? "call",
            request is { IsTest: true } ? " (test)" : "", result.Code, reason,
            (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        await SendAsync(context, answer, key);
    }

    private static async Task SendAsync(HttpContext context, byte[] answer, string key)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.ContentLength = answer.Length;
        response.Headers[MarketplaceBodySign.HeaderName] = MarketplaceBodySign.Make(key, answer);
        await response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private async Task<Authenticated> AuthenticateV2Async(
        HttpContext context, HuaweiMarketplaceOptions settings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method)) throw new InvalidFieldException("the method must be POST");
        var readings = QueryParameters.Readings(request.QueryString.Value);
        var timestamp = readings[0].GetValueOrDefault("timestamp");
        var signedAt = Fresh(string.IsNullOrEmpty(timestamp) ? null : MarketplaceTime.TryParseUnix(timestamp), "timestamp", now, settings.MaxTimestampSkew);
        if (readings[0].GetValueOrDefault("nonce") is not { Length: > 0 and <= NonceLengthMax })
            throw new InvalidFieldException($"nonce must have 1 to {NonceLengthMax} characters");
        if (string.IsNullOrEmpty(readings[0].GetValueOrDefault("signature"))) throw new AuthenticationFailedException("signature is missing");

        var body = await ReadBodyAsync(request, settings.MaxBodyBytes, cancellationToken);
        foreach (var reading in readings)
        {
            var nonce = reading["nonce"];
            if (MarketplaceSignature.Verify(settings.AcceptedKeys, reading["signature"], timestamp!, nonce, body) is not { } key) continue;
            return new Authenticated(key, signedAt, nonce, () =>
            {
                RefuseOtherContent(request.ContentType);
                return RequestReaderV2.Read(body);
            });
        }

        throw new AuthenticationFailedException("signature is wrong");
    }

    private static Task<Authenticated> AuthenticateV1Async(
        HttpContext context, HuaweiMarketplaceOptions settings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsGet(context.Request.Method)) throw new InvalidFieldException("the method must be GET");
        var readings = QueryParameters.Readings(context.Request.QueryString.Value);
        var signedAt = Fresh(MarketplaceTime.TryParse(readings[0].GetValueOrDefault("timeStamp")), "timeStamp", now, settings.V1.MaxTimestampSkew);
        var token = readings[0].GetValueOrDefault(MarketplaceAuthToken.ParameterName);
        if (string.IsNullOrEmpty(token)) throw new AuthenticationFailedException("authToken is missing");

        foreach (var reading in readings)
            if (MarketplaceAuthToken.Verify(settings.AcceptedKeys, token, reading) is { } key)
                return Task.FromResult(new Authenticated(key, signedAt, Nonce: null, () => RequestReaderV1.Read(reading, key, settings.V1.EncryptType)));
        throw new AuthenticationFailedException("authToken is wrong");
    }

    // Remembered for twice the skew: the timestamp may be that far ahead of this clock, and passes for as long again.
    private static async Task RefuseReplayAsync(HttpContext context, string? nonce, DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (nonce is null) return;
        var store = context.RequestServices.GetRequiredService<INonceStore>();
        if (!await store.TryRememberAsync(nonce, until, cancellationToken)) throw new InvalidFieldException("nonce was used before");
    }

    private static DateTimeOffset Fresh(DateTimeOffset? signedAt, string name, DateTimeOffset now, TimeSpan skew)
    {
        if (signedAt is not { } time) throw new InvalidFieldException($"{name} is missing or not a time");
        return (now - time).Duration() <= skew ? time : throw new InvalidFieldException($"{name} is more than {skew.TotalSeconds:0} s from now");
    }

    // "application/json;charset=utf8" does not parse as a media type everywhere, so no parser is asked (protocol §1). None at all is let pass.
    private static void RefuseOtherContent(string? contentType)
    {
        var type = (contentType ?? "").Split(';')[0].Trim();
        if (type.Length > 0 && !type.EndsWith("/json", StringComparison.OrdinalIgnoreCase) && !type.EndsWith("+json", StringComparison.OrdinalIgnoreCase))
            throw new InvalidFieldException("Content-Type must be application/json");
    }

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        var tooLong = new InvalidFieldException($"the body is longer than {maxBytes} bytes");
        if (request.ContentLength > maxBytes) throw tooLong;
        try
        {
            using var body = new MemoryStream();
            var buffer = new byte[8192];
            int count;
            while ((count = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (body.Length + count > maxBytes) throw tooLong;
                body.Write(buffer, 0, count);
            }

            return body.ToArray();
        }
        catch (OperationCanceledException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            throw new InvalidFieldException("the body did not arrive in time");
        }
        catch (IOException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            throw new InvalidFieldException("the body could not be read");
        }
    }

    private static async Task<MarketplaceResult> CallSellerAsync(
        IMarketplaceSeller seller, MarketplaceRequest request, MarketplaceCall call, CancellationToken cancellationToken) => request switch
    {
        NewInstanceRequest r => await seller.NewInstanceAsync(r, call, cancellationToken),
        QueryInstanceRequest r => await seller.QueryInstanceAsync(r, call, cancellationToken),
        RefreshInstanceRequest r => await seller.RefreshInstanceAsync(r, call, cancellationToken),
        UpdateInstanceStatusRequest r => await seller.UpdateInstanceStatusAsync(r, call, cancellationToken),
        ReleaseInstanceRequest r => await seller.ReleaseInstanceAsync(r, call, cancellationToken),
        UpgradeInstanceRequest r => await seller.UpgradeInstanceAsync(r, call, cancellationToken),
        ChangeInstanceCheckRequest r => await seller.ChangeInstanceCheckAsync(r, call, cancellationToken),
        OrderNotifyRequest r => await seller.OrderNotifyAsync(r, call, cancellationToken),
        _ => throw new UnreachableException(request.GetType().Name),
    };
}
