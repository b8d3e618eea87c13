using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HuaweiCloud.Marketplace.Simulator.Signing;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>Writes calls as the marketplace does, sends them to the seller and reads the answers. Holds no state of the market.</summary>
internal sealed class SellerLine(SimulatorOptions options, TimeProvider clock) : IDisposable
{
    private const int AnswerBytesMax = 1 << 20;

    /// <summary>The published samples are compact and leave non-ASCII raw (protocol §3).</summary>
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), AllowAutoRedirect = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = AnswerBytesMax,
    };

    public void Dispose() => http.Dispose();

    /// <summary>Sends one attempt. Whatever goes wrong on the way is told in the answer; only cancellation throws.</summary>
    public async Task<Answer> SendAsync(Call call, CancellationToken cancel)
    {
        var body = call.IsV1 ? null : WriteV2Body(call);
        var query = call.IsV1 ? WriteV1Query(call) : WriteV2Query(call, body!); // a V2 call has a body
        var address = call.IsV1 ? options.SellerCallbackUrlV1 : options.SellerCallbackUrl;
        using var request = new HttpRequestMessage(call.IsV1 ? HttpMethod.Get : HttpMethod.Post, address + query);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json;charset=utf8");
        }
        var answer = new Answer
        {
            Method = request.Method.Method,
            QueryString = query,
            RequestBody = body is null ? null : Encoding.UTF8.GetString(body),
            SentAt = clock.GetUtcNow(),
            AnsweredAt = default,
            Took = default,
        };
        if (address is null) // the market was started anew without one
            return answer with { AnsweredAt = answer.SentAt, Error = "this market has no V1.0 address of the seller: set SellerCallbackUrlV1" };
        var started = Stopwatch.GetTimestamp();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(options.AnswerTimeout);
        try
        {
            using var response = await http.SendAsync(request, timeout.Token);
            var bytes = await response.Content.ReadAsByteArrayAsync(timeout.Token);
            answer = Read(answer, call.IsV1, response, bytes);
        }
        catch (HttpRequestException e)
        {
            answer = answer with { Error = e.Message };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            answer = answer with { Error = $"no answer within {options.AnswerTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s" };
        }
        return answer with { AnsweredAt = clock.GetUtcNow(), Took = Stopwatch.GetElapsedTime(started) };
    }

    private static byte[] WriteV2Body(Call call)
    {
        var body = new SortedDictionary<string, object>(StringComparer.Ordinal) { ["activity"] = call.Activity };
        foreach (var (name, value) in call.Fields)
            body[name] = value;
        if (call.Activity == Activities.NewInstance)
            body["businessId"] = call.BusinessId;
        if (call.IsTest)
            body["testFlag"] = "1";
        return JsonSerializer.SerializeToUtf8Bytes(body, Compact);
    }

    private string WriteV2Query(Call call, byte[] body) =>
        $"?signature={SellerKeySignatures.V2Call(options.SellerAccessKey, call.TimestampMs, call.Nonce, body)}" +
        $"&timestamp={call.TimestampMs.ToString(CultureInfo.InvariantCulture)}&nonce={call.Nonce}";

    private string WriteV1Query(Call call)
    {
        var parameters = V1Parameters(call);
        parameters["timeStamp"] = WireTime.Milliseconds(DateTimeOffset.FromUnixTimeMilliseconds(call.TimestampMs));
        if (call.IsTest)
            parameters["testFlag"] = "1";
        parameters["authToken"] = SellerKeySignatures.V1AuthToken(options.SellerAccessKey, parameters);
        return "?" + string.Join('&', parameters.Select(p => p.Key + "=" + Uri.EscapeDataString(p.Value)));
    }

    /// <summary>The parameters of a V1.0 call (protocol §8.1), authToken, timeStamp and testFlag excepted.</summary>
    private SortedDictionary<string, string> V1Parameters(Call call)
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (call.Field("instanceId") is { } instanceId)
            parameters["instanceId"] = instanceId;
        if (call.Order is { } order && call.Activity is not (Activities.QueryInstance or Activities.UpdateInstanceStatus))
            parameters["orderId"] = order.OrderId;
        switch (call.Activity)
        {
            case Activities.UpdateInstanceStatus when call.Field("reason") == "expired":
                parameters["activity"] = "expireInstance";
                break;
            case Activities.UpdateInstanceStatus:
                parameters["activity"] = "instanceStatus";
                parameters["instanceStatus"] = call.Field("status") == "FREEZE" ? "FREEZE" : "NORMAL";
                break;
            case Activities.NewInstance:
                parameters["activity"] = call.Activity;
                parameters["businessId"] = call.BusinessId;
                parameters["trialFlag"] = "0";
                parameters["chargingMode"] = call.Order!.Product.IsPeriod ? "1" : "0"; // a creation is about an order
                parameters["provisionType"] = "1";
                parameters["customerId"] = call.Order.Buyer.CustomerId;
                parameters["customerName"] = call.Order.Buyer.CustomerName;
                parameters["email"] = V1FieldCipher.Encrypt(options.SellerAccessKey, call.Order.Buyer.Email, keyBytes: 32);
                parameters["skuCode"] = call.Order.Product.SkuCode;
                AddPurchase(parameters, call.Order);
                break;
            case Activities.RefreshInstance:
                parameters["activity"] = call.Activity;
                AddPurchase(parameters, call.Order!); // so is a renewal
                break;
            case Activities.UpgradeInstance:
                parameters["activity"] = "upgrade";
                parameters["skuCode"] = call.Order!.Product.SkuCode; // and an upgrade
                parameters["productId"] = call.Order.Product.ProductId;
                break;
            default:
                parameters["activity"] = call.Activity;
                break;
        }
        return parameters;
    }

    private static void AddPurchase(SortedDictionary<string, string> parameters, Order order)
    {
        parameters["productId"] = order.Product.ProductId;
        parameters["orderAmount"] = order.Amount.ToString("0.##", CultureInfo.InvariantCulture);
        if (order.ExpireTime is not { } end)
            return;
        parameters["expireTime"] = WireTime.Seconds(end);
        parameters["periodType"] = order.PeriodType ?? "month";
        parameters["periodNumber"] = (order.PeriodNumber ?? 1).ToString(CultureInfo.InvariantCulture);
    }

    private Answer Read(Answer answer, bool isV1, HttpResponseMessage response, byte[] bytes)
    {
        var sign = response.Headers.NonValidated.FirstOrDefault(h => h.Key.Equals("Body-Sign", StringComparison.OrdinalIgnoreCase));
        var isThere = sign.Key is not null;
        var isRight = isThere && SellerKeySignatures.Same(SellerKeySignatures.BodySign(options.SellerAccessKey, bytes), sign.Value.ToString());
        return answer with
        {
            HttpStatus = (int)response.StatusCode,
            ContentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : null,
            Body = Encoding.UTF8.GetString(bytes),
            BodySign = !isThere ? BodySign.Missing : isRight ? BodySign.Verified : BodySign.Wrong,
            BodySignHeaderName = sign.Key,
            Json = ParseObject(bytes, isV1),
        };
    }

    private JsonElement? ParseObject(byte[] bytes, bool isV1)
    {
        try
        {
            if (JsonNode.Parse(bytes) is not JsonObject json)
                return null;
            if (isV1)
                DecryptCredentials(json);
            return JsonSerializer.SerializeToElement(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>V1.0 encrypts user name and password of the application information (protocol §8.1, §8.3).</summary>
    private void DecryptCredentials(JsonObject json)
    {
        var keyBytes = json["encryptType"]?.ToString() == "2" ? 16 : 32;
        var infos = json["info"] is JsonArray list ? list.Select(i => (i as JsonObject)?["appInfo"]) : [];
        foreach (var appInfo in infos.Append(json["appInfo"]).OfType<JsonObject>())
        {
            foreach (var name in new[] { "userName", "password" })
            {
                if (appInfo[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String
                    && V1FieldCipher.Decrypt(options.SellerAccessKey, value.ToString(), keyBytes) is { } plain)
                    appInfo[name] = plain;
            }
        }
    }
}
