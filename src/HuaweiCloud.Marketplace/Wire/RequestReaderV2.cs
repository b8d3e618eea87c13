using System.Text.Json;
using System.Text.Unicode;

namespace HuaweiCloud.Marketplace;

/// <summary>Reads a V2.0 body (protocol §2).</summary>
internal static class RequestReaderV2
{
    private const int IdLength = 64;
    private const int InstanceIdsMax = 100;

    public static MarketplaceRequest Read(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span)) throw new InvalidFieldException("the body is not UTF-8");
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions
            {
                MaxDepth = MarketplaceCanonicalJson.MaxDepth,
                AllowDuplicateProperties = false, // two readers could see two values
            });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new InvalidFieldException("the body is not a JSON object");
            return Read(new FieldSet(document.RootElement));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with half a surrogate pair.
            throw new InvalidFieldException("the body is not JSON, names a member twice, or is nested too deep");
        }
    }

    private static MarketplaceRequest Read(FieldSet fields)
    {
        var isTest = fields.Optional("testFlag", 2) == "1";
        MarketplaceRequest request = fields.Required("activity", 32) switch
        {
            "newInstance" => NewInstance(fields),
            "queryInstance" => new QueryInstanceRequest(InstanceIds(fields)),
            "refreshInstance" => new RefreshInstanceRequest(
                InstanceId(fields), Scene(fields), fields.Required("orderId", IdLength), fields.Required("orderLineId", IdLength),
                fields.Optional("productId", IdLength), fields.Time("expireTime") ?? throw fields.Invalid("expireTime", "is missing")),
            "updateInstanceStatus" => new UpdateInstanceStatusRequest(InstanceId(fields), Status(fields, "status")),
            "releaseInstance" => new ReleaseInstanceRequest(
                InstanceId(fields), fields.Optional("orderId", IdLength), fields.Optional("orderLineId", IdLength)),
            "upgradeInstance" => new UpgradeInstanceRequest(
                InstanceId(fields), fields.Required("orderId", IdLength), fields.Required("orderLineId", IdLength)),
            "changeInstanceCheck" => new ChangeInstanceCheckRequest(
                InstanceId(fields), fields.Objects("productInfo") is [var target] ? target.Product() : throw fields.Invalid("productInfo", "must be one object")),
            "orderNotify" => new OrderNotifyRequest(fields.Required("orderId", IdLength), fields.Required("orderLineId", IdLength)),
            _ => throw fields.Invalid("activity", "is not known"),
        };
        return request with { IsTest = isTest, UnknownFields = fields.Unknown() };
    }

    public static string InstanceId(FieldSet fields) => fields.Required("instanceId", IdLength);

    /// <summary>Up to 100 ids with commas between; the documented length of 100 characters cannot hold them and is not enforced (protocol §10.8).</summary>
    public static IReadOnlyList<string> InstanceIds(FieldSet fields)
    {
        var ids = fields.Required("instanceId", InstanceIdsMax * (IdLength + 1) - 1)
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        if (ids.Length == 0) throw fields.Invalid("instanceId", "is missing");
        if (ids.Length > InstanceIdsMax) throw fields.Invalid("instanceId", $"holds more than {InstanceIdsMax} ids");
        if (ids.Any(id => id.Length > IdLength)) throw fields.Invalid("instanceId", $"holds an id longer than {IdLength} characters");
        return ids;
    }

    public static InstanceStatus Status(FieldSet fields, string name) => fields.Required(name, 32) switch
    {
        "FREEZE" => InstanceStatus.Freeze,
        "UNFREEZE" or "NORMAL" => InstanceStatus.Unfreeze,
        _ => throw fields.Invalid(name, "must be FREEZE or UNFREEZE"),
    };

    private static RefreshScene Scene(FieldSet fields) => fields.Required("scene", IdLength) switch
    {
        "TRIAL_TO_FORMAL" => RefreshScene.TrialToFormal,
        "RENEWAL" => RefreshScene.Renewal,
        "UNSUBSCRIBE_RENEWAL_PERIOD" => RefreshScene.UnsubscribeRenewalPeriod,
        "RENEWAL_CHANGE" => RefreshScene.RenewalChange,
        _ => throw fields.Invalid("scene", "must be TRIAL_TO_FORMAL, RENEWAL, UNSUBSCRIBE_RENEWAL_PERIOD or RENEWAL_CHANGE"),
    };

    private static NewInstanceRequest NewInstance(FieldSet fields)
    {
        if (fields.Has("orderInfo") && !fields.Has("orderId")) return FatNewInstance(fields);
        return new NewInstanceRequest(
            fields.Required("orderId", IdLength), fields.Required("orderLineId", IdLength), fields.Required("businessId", IdLength));
    }

    // The body of 2023-24 (protocol §2.1, S10 older copy): superseded, still read.
    private static NewInstanceRequest FatNewInstance(FieldSet fields)
    {
        if (fields.Objects("orderInfo") is not [var order]) throw fields.Invalid("orderInfo", "must hold one order");
        var buyer = fields.Object("buyerInfo");
        return new NewInstanceRequest(
            order.Required("orderId", IdLength), order.Optional("orderLineId", IdLength), order.Required("businessId", IdLength))
        {
            Facts = new OrderFacts
            {
                ChargingMode = order.Optional("chargingMode", 25),
                PeriodType = order.Optional("periodType", 20),
                PeriodNumber = order.Integer("periodNumber", 5),
                OrderAmount = order.Number("orderAmount", 20),
                IsTrial = order.Optional("trialFlag", 2) is { } trial ? trial == "1" : null,
                ProvisionType = order.Optional("provisionType", 20),
                CreatedAt = order.Time("createTime"),
                ExpiresAt = order.Time("expireTime"),
                Products = [.. order.Objects("productInfo").Select(product => product.Product())],
                ExtendParams = order.ExtendParams("extendParams"),
                Buyer = buyer is null ? null : new OrderBuyer
                {
                    CustomerId = buyer.Optional("customerId", 100),
                    CustomerName = buyer.Optional("customerName", 255),
                    UserId = buyer.Optional("userId", 64),
                    UserName = buyer.Optional("userName", 255),
                    MobilePhone = buyer.Optional("mobilePhone", 255),
                    Email = buyer.Optional("email", 255),
                },
            },
        };
    }
}
