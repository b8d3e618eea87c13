using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace HuaweiCloud.Marketplace;

/// <summary>What a seller asks of the marketplace and tells it (protocol §5). Does not retry by itself:
/// <see cref="MarketplaceApiException.MayRetry"/> says whether that may help.</summary>
public sealed class HuaweiMarketplaceClient(HttpClient http, IOptionsMonitor<HuaweiMarketplaceOptions> options, TimeProvider clock)
{
    /// <summary>Records one push may hold (protocol §5.2).</summary>
    public const int MaxUsageRecords = 1000;

    private const string OrderQueryPath = "/api/mkp-openapi-public/global/v1/order/query";
    private const string UsagePushPath = "/api/mkp-openapi-public/global/v1/isv/usage-data";
    private const string SuccessCode = "MKT.0000";

    /// <summary>What an order is about (protocol §5.1), signed with the IAM keys.</summary>
    /// <param name="orderId">At most 64 characters.</param>
    /// <param name="orderLineId">Only this line.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="MarketplaceApiException">Refused, or no order in the answer.</exception>
    /// <exception cref="HttpRequestException">Not reached.</exception>
    public async Task<MarketplaceOrder> GetOrderAsync(string orderId, string? orderLineId = null, CancellationToken cancellationToken = default)
    {
        RequireId(orderId, nameof(orderId));
        if (orderLineId is not null) RequireId(orderLineId, nameof(orderLineId));
        var settings = options.CurrentValue;
        var query = $"?orderId={Uri.EscapeDataString(orderId)}" + (orderLineId is null ? "" : $"&orderLineId={Uri.EscapeDataString(orderLineId)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(settings, OrderQueryPath + query));
        request.Content = Json([]); // a GET with a content type, as the page's vector signs it
        SignWithIam(request, [], settings);

        using var answer = await SendAsync(request, cancellationToken);
        try
        {
            if (answer.Fields.Object("orderInfo") is { } order) return ReadOrder(order);
        }
        catch (Exception e) when (e is InvalidFieldException or InvalidOperationException)
        {
            throw answer.Failure($"the order cannot be read: {e.Message}");
        }

        throw answer.Failure("there is no order in the answer");
    }

    /// <summary>Sends one push of 1 to <see cref="MaxUsageRecords"/> records (protocol §5.2). Repeating it is safe: a metering_sn or a
    /// window that is known already is not counted again.</summary>
    /// <exception cref="ArgumentException">A record or their number is outside what the protocol allows; nothing was sent.</exception>
    /// <exception cref="MarketplaceApiException">Refused as a whole.</exception>
    /// <exception cref="HttpRequestException">Not reached, or the answer was lost: repeat it.</exception>
    public async Task<UsagePushReceipt> PushUsageAsync(IReadOnlyCollection<UsageRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        if (records.Count is < 1 or > MaxUsageRecords)
            throw new ArgumentException($"A push holds 1 to {MaxUsageRecords} records, not {records.Count}.", nameof(records));

        var settings = options.CurrentValue;
        var body = UsageBody(records);
        var ts = clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var nonce = RandomNumberGenerator.GetHexString(64);
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(settings, UsagePushPath));
        request.Content = Json(body);
        request.Headers.Add("ts", ts);
        request.Headers.Add("nonce", nonce);
        request.Headers.Add("signature", UsagePushSignature.Make(
            string.IsNullOrEmpty(settings.Usage.AccessKey) ? settings.AccessKey : settings.Usage.AccessKey, ts, nonce, body));
        if (settings.Usage.SignWithIam) SignWithIam(request, body, settings);

        using var answer = await SendAsync(request, cancellationToken);
        return new UsagePushReceipt(SuccessCode, answer.Message, answer.Abnormal);
    }

    /// <summary>Sends any number of records, <see cref="HuaweiMarketplaceOptions.UsageOptions.BatchSize"/> at a time, in order. Throws as
    /// <see cref="PushUsageAsync"/> at the first push that fails; those before it were taken.</summary>
    public async IAsyncEnumerable<UsagePushReceipt> PushUsageInBatchesAsync(
        IEnumerable<UsageRecord> records, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var batch in records.Chunk(options.CurrentValue.Usage.BatchSize)) yield return await PushUsageAsync(batch, cancellationToken);
    }

    /// <summary>Compact, names sorted at every level, plain text unescaped: what "sorted naturally" could mean, all at once (protocol §5.2).</summary>
    internal static byte[] UsageBody(IEnumerable<UsageRecord> records)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("usage_records");
            foreach (var record in records) WriteRecord(json, record);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteRecord(Utf8JsonWriter json, UsageRecord record)
    {
        RequireId(record.InstanceId, nameof(record.InstanceId));
        RequireId(record.MeteringSn, nameof(record.MeteringSn));
        if (record.RelatedPackageInstance is { } package) RequireId(package, nameof(record.RelatedPackageInstance));
        if (record.UsageValue <= 0) throw new ArgumentException($"The usage of record {record.MeteringSn} is not over 0.", nameof(record));
        if (record.BeginTime > record.EndTime) throw new ArgumentException($"The window of record {record.MeteringSn} ends before it begins.", nameof(record));

        json.WriteStartObject();
        json.WriteString("begin_time", Time(record.BeginTime));
        json.WriteString("end_time", Time(record.EndTime));
        json.WriteString("instance_id", record.InstanceId);
        json.WriteString("metering_sn", record.MeteringSn);
        json.WriteString("record_time", Time(record.RecordTime));
        if (record.RelatedPackageInstance is not null) json.WriteString("relate_pkg_instance", record.RelatedPackageInstance);
        json.WriteString("usage_value", UsageQuantity.Format(record.UsageValue));
        json.WriteEndObject();

        static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
    }

    private static void RequireId(string id, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(id, name);
        if (id.Length > 64) throw new ArgumentException($"{name} has more than 64 characters.", name);
    }

    private static Uri Address(HuaweiMarketplaceOptions settings, string pathAndQuery) => settings.ApiBaseUrl is { } url
        ? new Uri(url.AbsoluteUri.TrimEnd('/') + pathAndQuery)
        : throw new InvalidOperationException($"{HuaweiMarketplaceOptions.SectionName}:{nameof(HuaweiMarketplaceOptions.ApiBaseUrl)} is not set.");

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private void SignWithIam(HttpRequestMessage request, byte[] body, HuaweiMarketplaceOptions settings)
    {
        if (string.IsNullOrEmpty(settings.Iam.AccessKeyId))
            throw new InvalidOperationException($"{HuaweiMarketplaceOptions.SectionName}:Iam is not set.");
        SdkHmacSha256.Sign(request, body, settings.Iam.AccessKeyId, settings.Iam.SecretAccessKey, clock.GetUtcNow());
    }

    private async Task<ApiAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await http.SendAsync(request, cancellationToken);
        var answer = await ApiAnswer.ReadAsync(response, cancellationToken);
        if (response.IsSuccessStatusCode && answer.Code == SuccessCode) return answer;
        using (answer) throw answer.Failure(answer.Message);
    }

    private static MarketplaceOrder ReadOrder(FieldSet order)
    {
        var buyer = order.Object("buyerInfo");
        return new MarketplaceOrder(
            order.Required("orderId", 64), order.Required("orderType", 32), order.Time("createTime") ?? throw order.Invalid("createTime", "is missing"),
            [.. order.Objects("orderLine").Select(ReadLine)],
            buyer is null ? null : new OrderBuyer
            {
                CustomerId = buyer.Optional("customerId", 255),
                CustomerName = buyer.Optional("customerName", 255),
                CustomerRealName = buyer.Optional("customerRealName", 255),
                CustomerType = buyer.Optional("customerType", 32),
                UserId = buyer.Optional("userId", 255),
                UserName = buyer.Optional("userName", 255),
                MobilePhone = buyer.Optional("mobilePhone", 255),
                Email = buyer.Optional("email", 255),
            },
            order.ExtendParams("extendParams"));
    }

    private static MarketplaceOrderLine ReadLine(FieldSet line) => new(
        line.Required("orderLineId", 64), line.Required("chargingMode", 25), line.Optional("periodType", 20), line.Integer("periodNumber", 9),
        line.Time("expireTime"), [.. line.Objects("productInfo").Select(product => product.Product())],
        Amount(line.Optional("currency", 40)), Amount(line.Optional("currencyAfterDiscount", 40)), line.ExtendParams("extendParams"));

    // The names promise a currency, the replies seen held amounts: what is no number is no reason to lose the order.
    private static decimal? Amount(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount : null;

    /// <summary>An answer in either wrapper: <c>resultCode</c>/<c>resultMsg</c> or <c>error_code</c>/<c>error_msg</c>.</summary>
    private sealed class ApiAnswer(HttpResponseMessage response, JsonDocument? document) : IDisposable
    {
        private const int AbnormalDepthMax = 4;
        private readonly TimeSpan? _retryAfter = response.Headers.RetryAfter?.Delta;
        private readonly HttpStatusCode _status = response.StatusCode;

        public FieldSet Fields { get; } = new(document?.RootElement ?? JsonElement.Parse("{}"));

        public string? Code => Text("resultCode", "error_code");

        public string? Message => Text("resultMsg", "error_msg");

        public IReadOnlyList<AbnormalUsageRecord> Abnormal =>
            document is null ? [] : [.. FindAbnormal(document.RootElement, AbnormalDepthMax).Take(MaxUsageRecords)];

        public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
        {
            JsonDocument? document = null;
            try
            {
                document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
                if (document.RootElement.ValueKind == JsonValueKind.Object) return new ApiAnswer(response, document);
            }
            catch (JsonException)
            {
                // A gateway's page instead of the API's answer: there is no code in it, the status speaks.
            }

            document?.Dispose();
            return new ApiAnswer(response, null);
        }

        public MarketplaceApiException Failure(string? message) => new(_status, Code, message, _retryAfter, Abnormal);

        public void Dispose() => document?.Dispose();

        private string? Text(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
                if (document is not null && document.RootElement.TryGetProperty(name, out var value)
                    && value.ValueKind is JsonValueKind.String or JsonValueKind.Number) return value.ToString();
            return null;
        }

        private static IEnumerable<AbnormalUsageRecord> FindAbnormal(JsonElement value, int depth)
        {
            if (value.ValueKind != JsonValueKind.Object || depth == 0) yield break;
            foreach (var member in value.EnumerateObject())
            {
                if (member.NameEquals("abnormal_usage_data") && member.Value.ValueKind == JsonValueKind.Array)
                    foreach (var record in member.Value.EnumerateArray().Where(record => record.ValueKind == JsonValueKind.Object))
                        yield return new AbnormalUsageRecord(
                            First(record, "metering_sn", "meteringSn"), First(record, "instance_id", "instanceId"),
                            First(record, "code", "error_code", "result_code", "abnormal_code"),
                            First(record, "description", "desc", "error_msg", "result_msg", "abnormal_desc"));
                else
                    foreach (var inner in FindAbnormal(member.Value, depth - 1)) yield return inner;
            }
        }

        private static string? First(JsonElement record, params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
                if (record.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number) return value.ToString();
            return null;
        }
    }
}
