using System.Text;
using System.Text.Json;

namespace HuaweiCloud.Marketplace;

/// <summary>Reads V1.0 parameters onto the same requests (protocol §8.1).</summary>
internal static class RequestReaderV1
{
    private const int IdLength = 64;

    /// <param name="parameters">Decoded values.</param>
    /// <param name="accessKey">The key that verified them; it decrypts personal fields.</param>
    /// <param name="type">How those are encrypted.</param>
    public static MarketplaceRequest Read(IReadOnlyDictionary<string, string> parameters, string accessKey, MarketplaceEncryptType type)
    {
        var fields = new FieldSet(JsonSerializer.SerializeToElement(parameters));
        _ = fields.Has(MarketplaceAuthToken.ParameterName) && fields.Has("timeStamp"); // known, read before
        var isTest = fields.Optional("testFlag", 2) == "1";
        MarketplaceRequest request = fields.Required("activity", 20) switch
        {
            "newInstance" => NewInstance(fields, accessKey, type),
            "queryInstance" => new QueryInstanceRequest(RequestReaderV2.InstanceIds(fields)),
            "refreshInstance" => Refresh(fields),
            "expireInstance" => new UpdateInstanceStatusRequest(RequestReaderV2.InstanceId(fields), InstanceStatus.Freeze),
            "instanceStatus" => new UpdateInstanceStatusRequest(RequestReaderV2.InstanceId(fields), RequestReaderV2.Status(fields, "instanceStatus")),
            "releaseInstance" => new ReleaseInstanceRequest(RequestReaderV2.InstanceId(fields), fields.Optional("orderId", IdLength), null),
            "upgrade" => new UpgradeInstanceRequest(RequestReaderV2.InstanceId(fields), fields.Required("orderId", IdLength), null) { Facts = Facts(fields) },
            _ => throw fields.Invalid("activity", "is not known"),
        };
        return request with { IsTest = isTest, UnknownFields = fields.Unknown() };
    }

    private static NewInstanceRequest NewInstance(FieldSet fields, string accessKey, MarketplaceEncryptType type)
    {
        var buyer = new OrderBuyer
        {
            CustomerId = fields.Required("customerId", 100),
            CustomerName = fields.Optional("customerName", 64),
            UserId = fields.Optional("userId", IdLength),
            UserName = fields.Optional("userName", IdLength),
            MobilePhone = Decrypt("mobilePhone"),
            Email = Decrypt("email"),
        };
        return new NewInstanceRequest(fields.Required("orderId", IdLength), null, fields.Required("businessId", IdLength))
        {
            Facts = Facts(fields) with { Buyer = buyer },
        };

        // An unreadable contact must not cost the buyer the order.
        string? Decrypt(string name) => fields.Optional(name, 512) is { } cipher ? MarketplaceFieldCipher.TryDecrypt(accessKey, cipher, type) : null;
    }

    private static RefreshInstanceRequest Refresh(FieldSet fields)
    {
        var facts = Facts(fields);
        var scene = fields.Optional("trialToFormal", 2) == "1" ? RefreshScene.TrialToFormal
            : facts.OrderAmount < 0 ? RefreshScene.UnsubscribeRenewalPeriod
            : RefreshScene.Renewal;
        return new RefreshInstanceRequest(
            RequestReaderV2.InstanceId(fields), scene, fields.Required("orderId", IdLength), null, fields.Optional("productId", IdLength),
            facts.ExpiresAt ?? throw fields.Invalid("expireTime", "is missing")) { Facts = facts };
    }

    private static OrderFacts Facts(FieldSet fields)
    {
        var (productId, skuCode) = (fields.Optional("productId", IdLength), fields.Optional("skuCode", IdLength));
        return new OrderFacts
        {
            ChargingMode = fields.Optional("chargingMode", 25) switch
            {
                "0" => ChargingModes.OnDemand,
                "1" => ChargingModes.Period,
                "3" => ChargingModes.OneTime,
                "5" => ChargingModes.OnDemandPackage,
                var other => other,
            },
            PeriodType = fields.Optional("periodType", 20),
            PeriodNumber = fields.Integer("periodNumber", 2),
            OrderAmount = fields.Number("orderAmount", 20) is not { } amount ? null
                : amount == decimal.Round(amount, 3) ? amount : throw fields.Invalid("orderAmount", "has more than 3 decimals"),
            IsTrial = fields.Optional("trialFlag", 2) is { } trial ? trial == "1" : null,
            ProvisionType = fields.Optional("provisionType", 20),
            ExpiresAt = fields.Time("expireTime"),
            Products = productId is null && skuCode is null ? [] : [new OrderProduct(productId, skuCode, null)],
            Quantity = fields.Integer("amount", 7),
            DiskSizeGigabytes = fields.Integer("diskSize", 7),
            BandwidthMegabits = fields.Integer("bandWidth", 7),
            ExtendParams = ExtendParams(fields),
        };
    }

    // Base64 of a JSON array, URL-encoded once more by some senders.
    private static IReadOnlyList<OrderExtendParam> ExtendParams(FieldSet fields)
    {
        const string Name = "saasExtendParams";
        if (fields.Optional(Name, 2048) is not { } encoded) return [];
        try
        {
            var base64 = Uri.UnescapeDataString(encoded).Replace(' ', '+');
            using var document = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(base64)), new JsonDocumentOptions { MaxDepth = 4 });
            if (document.RootElement.ValueKind != JsonValueKind.Array) throw fields.Invalid(Name, "must be Base64 of a JSON array");
            return new FieldSet(JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement>(StringComparer.Ordinal) { [Name] = document.RootElement }))
                .ExtendParams(Name);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            throw fields.Invalid(Name, "must be Base64 of a JSON array");
        }
    }
}
