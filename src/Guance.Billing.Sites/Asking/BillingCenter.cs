using System.Collections.Frozen;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Guance.Billing.Platform;

namespace Guance.Billing.Sites.Asking;

/// <summary>Asks the Billing Center over HTTP.</summary>
internal sealed class BillingCenter(IHttpClientFactory http, Deployment deployment) : IBillingCenter
{
    public const string HttpClientName = "link.ask";

    /// <summary>How long an ask may take in all, the second try included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Members of a problem that are not details of the refusal.</summary>
    private static readonly FrozenSet<string> Framing =
        FrozenSet.Create(StringComparer.Ordinal, "type", "title", "status", "detail", "instance", "code", "traceId");

    public async Task<TAnswer> AskAsync<TAsk, TAnswer>(TAsk ask, CancellationToken ct)
        where TAsk : IAsk<TAnswer>
    {
        var what = $"asking the Billing Center '{TAsk.AskName}' at {deployment.BillingCenterUrl}";
        try
        {
            using var client = http.CreateClient(HttpClientName);
            using var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(ask, Wire.Json));
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await client.PostAsync($"{deployment.BillingCenterUrl}/ask/{TAsk.AskName}", body, ct);
            var text = await answer.Content.ReadAsByteArrayAsync(ct);
            if (answer.StatusCode is HttpStatusCode.OK)
            {
                return JsonSerializer.Deserialize<TAnswer>(text, Wire.Json) ?? throw new PeerUnreachableException($"Empty answer when {what}.");
            }

            throw RefusalIn(answer, text) ?? (Exception)new PeerUnreachableException($"Answered {(int)answer.StatusCode} when {what}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or IOException or JsonException)
        {
            throw new PeerUnreachableException($"No answer when {what}: {failure.Message}", failure);
        }
        catch (OperationCanceledException failure) when (!ct.IsCancellationRequested)
        {
            throw new PeerUnreachableException($"No answer in time when {what}.", failure);
        }
    }

    /// <summary>
    /// The refusal, if the answer is one of the Billing Center's rules. That this deployment may not speak, that the Billing Center does
    /// not know the ask yet, or that a part of it is down, is no answer to the ask: asking again later helps.
    /// </summary>
    private static BillingRefusal? RefusalIn(HttpResponseMessage answer, byte[] body)
    {
        RefusalKind? kind = answer.StatusCode switch
        {
            HttpStatusCode.BadRequest => RefusalKind.Invalid,
            HttpStatusCode.NotFound => RefusalKind.NotFound,
            HttpStatusCode.Conflict => RefusalKind.Conflict,
            HttpStatusCode.PreconditionFailed => RefusalKind.Stale,
            HttpStatusCode.UnprocessableEntity => RefusalKind.Unprocessable,
            HttpStatusCode.TooManyRequests => RefusalKind.TooMany,
            _ => null,
        };
        if (kind is null || answer.Content.Headers.ContentType?.MediaType is not "application/problem+json")
        {
            return null;
        }

        var problem = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(body, Wire.Json)!;
        var code = problem.TryGetValue("code", out var named) ? named.GetString() : null;
        return code is null or AskEndpoint.NotFoundCode or "not-found" or "try-again"
            ? null
            : new BillingRefusal(
                kind.Value,
                code,
                problem.TryGetValue("detail", out var sentence) ? sentence.GetString() ?? code : code,
                problem.Where(member => !Framing.Contains(member.Key)).ToDictionary(member => member.Key, member => Value(member.Value), StringComparer.Ordinal));
    }

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetDecimal(),
        _ => value,
    };
}
