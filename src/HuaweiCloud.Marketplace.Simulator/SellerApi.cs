using System.Globalization;
using System.Text.Json;
using HuaweiCloud.Marketplace.Simulator.Signing;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>The market's APIs for sellers under their real paths: order query (protocol §5.1) and usage push (§5.2).</summary>
internal static class SellerApi
{
    private const int BodyBytesMax = 2 << 20;
    private const int RecordsMax = 1000;
    private static readonly TimeSpan PushWindow = TimeSpan.FromMinutes(15);

    public static void Map(WebApplication app)
    {
        app.MapGet("/api/mkp-openapi-public/global/v1/order/query", QueryOrderAsync);
        app.MapPost("/api/mkp-openapi-public/global/v1/isv/usage-data", TakeUsageAsync);
    }

    private static async Task<IResult> QueryOrderAsync(HttpContext context, Market market, SimulatorOptions options)
    {
        var body = await ReadAsync(context);
        if (body is null)
            return OrderError(400, "MKT.0199", "the request body is too large");
        if (await UnavailableAsync(context, market) is { } away)
            return away;
        if (SdkHmac.WhyRefused(context.Request, body, options.IamAccessKeyId, options.IamSecretAccessKey, market.Now) is { } why)
            return Unauthorized(why);
        var orderId = context.Request.Query["orderId"].ToString();
        var orderLineId = context.Request.Query["orderLineId"].ToString();
        if (orderId.Length is 0 or > 64)
            return OrderError(400, "MKT.0101", "orderId must have 1 to 64 characters");
        if (orderLineId.Length > 64)
            return OrderError(400, "MKT.0101", "orderLineId must have at most 64 characters");
        return market.FindOrder(orderId, orderLineId.Length == 0 ? null : orderLineId) is { } order
            ? Results.Json(OrderQuery.Answer(order))
            : OrderError(400, "MKT.0101", "there is no such order or order line");
    }

    private static async Task<IResult> TakeUsageAsync(HttpContext context, Market market, SimulatorOptions options)
    {
        var body = await ReadAsync(context);
        if (body is null)
            return UsageError(400, "MKT.0199", "the request body is too large");
        if (await UnavailableAsync(context, market) is { } away)
            return away;
        if (WhyPushRefused(context.Request, body, options, market.Now) is { } wrong)
            return UsageError(401, "94060002", wrong);
        if (context.Request.Headers.Authorization.Count > 0
            && SdkHmac.WhyRefused(context.Request, body, options.IamAccessKeyId, options.IamSecretAccessKey, market.Now) is { } why)
            return Unauthorized(why);
        if (!ReadRecords(body, out var records, out var error))
            return error;
        var faults = market.Faults;
        if (faults.RefuseInstance is { } refused && records.Any(r => r.TryGetProperty("instance_id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() == refused))
            return UsageError(500, "MKT.9001", $"instance {refused} is not found (a fault on purpose)");
        var taken = market.TakeUsage(records);
        if (market.Happens(faults.LosePushAnswer))
        {
            context.Abort();
            return Results.Empty;
        }
        var abnormal = faults.HideAbnormal ? [] : taken.Where(r => r.Code is not null).Select(r => new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["instance_id"] = r.InstanceId,
            ["metering_sn"] = r.MeteringSn,
            ["code"] = r.Code,
            ["description"] = r.Reason,
        }).ToList();
        return Results.Json(new { error_code = "MKT.0000", error_msg = "success", abnormal_usage_data = abnormal });
    }

    private static string? WhyPushRefused(HttpRequest request, byte[] body, SimulatorOptions options, DateTimeOffset now)
    {
        var ts = request.Headers["ts"].ToString();
        var nonce = request.Headers["nonce"].ToString();
        var signature = request.Headers["signature"].ToString();
        if (nonce.Length is 0 or > 64 || signature.Length is 0 or > 1000
            || !long.TryParse(ts, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) || ts.Length > 15)
            return "the headers ts (UNIX milliseconds), nonce and signature are mandatory";
        if ((now - DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).Duration() > PushWindow)
            return $"ts {ts} is more than 15 minutes from the market's time";
        return SellerKeySignatures.Same(SellerKeySignatures.UsagePush(options.SellerAccessKey, ts, nonce, body), signature)
            ? null
            : "the signature does not fit ts, nonce and the body's bytes";
    }

    private static bool ReadRecords(byte[] body, out IReadOnlyList<JsonElement> records, out IResult error)
    {
        records = [];
        error = Results.Empty;
        JsonElement list;
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("usage_records", out list)
                || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
            {
                error = UsageError(400, "MKT.0101", "usage_records must be an array of 1 to 1000 records");
                return false;
            }
            list = list.Clone();
        }
        catch (JsonException)
        {
            error = UsageError(400, "MKT.0101", "the body is not JSON");
            return false;
        }
        if (list.GetArrayLength() > RecordsMax)
            error = UsageError(500, "MKT.9003", "too many records: at most 1000");
        else if (list.EnumerateArray().Any(r => r.ValueKind != JsonValueKind.Object))
            error = UsageError(500, "MKT.9002", "a record is not an object");
        else
            records = [.. list.EnumerateArray()];
        return records.Count > 0;
    }

    /// <summary>The faults of the market itself: its delay, and 503 while it is down.</summary>
    private static async Task<IResult?> UnavailableAsync(HttpContext context, Market market)
    {
        var faults = market.Faults;
        if (faults.DelayMs > 0)
            await Task.Delay(faults.DelayMs, context.RequestAborted);
        return faults.Down ? Results.Json(new { error_code = "APIGW.0201", error_msg = "Backend unavailable" }, statusCode: 503) : null;
    }

    private static IResult Unauthorized(string why) =>
        Results.Json(new { error_code = "APIGW.0301", error_msg = "Incorrect IAM authentication information: " + why }, statusCode: 401);

    private static IResult OrderError(int status, string code, string sentence) => Results.Json(new { resultCode = code, resultMsg = sentence }, statusCode: status);

    private static IResult UsageError(int status, string code, string sentence) => Results.Json(new { error_code = code, error_msg = sentence }, statusCode: status);

    /// <summary>The exact bytes; null when there are too many.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            if (buffer.Length + read > BodyBytesMax)
                return null;
            buffer.Write(chunk, 0, read);
        }
        return buffer.ToArray();
    }
}
