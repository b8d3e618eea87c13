using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace HuaweiCloud.Marketplace;

/// <summary>Writes answers (protocol §2, §8.1). Refuses to send what the marketplace would refuse to read: an instance id, an address
/// or a credential over its documented maximum throws, and the call is answered as an internal error.</summary>
internal static class AnswerWriter
{
    /// <summary>Encrypts a credential; null sends it plain.</summary>
    internal sealed record Encryption(string AccessKey, MarketplaceEncryptType Type);

    /// <param name="result">What to answer.</param>
    /// <param name="withAppInfo">Send <c>appInfo</c> in the answer to <c>newInstance</c>.</param>
    /// <param name="encryption">V1.0 only.</param>
    public static byte[] Write(MarketplaceResult result, bool withAppInfo, Encryption? encryption)
    {
        var buffer = new ArrayBufferWriter<byte>();
        // The default encoder escapes what is not ASCII, as the memo wants it (protocol §2.2).
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("resultCode", result.Code);
            json.WriteString("resultMsg", Cut(result.Message ?? (result.Code == MarketplaceResultCodes.Success ? "success" : "failed")));
            switch (result)
            {
                case NewInstanceResult created: WriteCreated(json, created, withAppInfo, encryption); break;
                case QueryInstanceResult { Instances: { } instances }: WriteInstances(json, instances, encryption); break;
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteCreated(Utf8JsonWriter json, NewInstanceResult created, bool withAppInfo, Encryption? encryption)
    {
        if (created.InstanceId is { } id) json.WriteString("instanceId", Limited(id, 64, "instanceId"));
        else if (created.Code is MarketplaceResultCodes.Success or MarketplaceResultCodes.Processing)
            throw new InvalidOperationException("The answer to newInstance needs an instance id (protocol §2.1).");

        if (!withAppInfo || created.AppInfo is null) return;
        WriteEncryptType(json, encryption);
        WriteAppInfo(json, created.AppInfo, encryption);
    }

    private static void WriteInstances(Utf8JsonWriter json, IReadOnlyList<InstanceInfo> instances, Encryption? encryption)
    {
        WriteEncryptType(json, encryption);
        json.WriteStartArray("info");
        foreach (var instance in instances)
        {
            json.WriteStartObject();
            json.WriteString("instanceId", Limited(instance.InstanceId, 64, "instanceId"));
            if (instance.AppInfo is { } appInfo) WriteAppInfo(json, appInfo, encryption);
            if (instance.Usage is { } usages)
            {
                json.WriteStartArray("usageInfo");
                foreach (var usage in usages) WriteUsage(json, usage);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEncryptType(Utf8JsonWriter json, Encryption? encryption)
    {
        if (encryption is not null) json.WriteString("encryptType", ((int)encryption.Type).ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteAppInfo(Utf8JsonWriter json, ApplicationInfo info, Encryption? encryption)
    {
        json.WriteStartObject("appInfo");
        WriteText(json, "frontEndUrl", info.FrontEndUrl, 512);
        WriteText(json, "adminUrl", info.AdminUrl, 512);
        WriteText(json, "userName", Sealed(info.UserName, encryption), 128);
        WriteText(json, "password", Sealed(info.Password, encryption), 128);
        WriteText(json, "memo", info.Memo, 1024);
        json.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter json, UsageInfo usage)
    {
        json.WriteStartObject();
        WriteText(json, "relatedInstanceId", usage.RelatedInstanceId, 64);
        json.WritePropertyName("usageValue");
        json.WriteRawValue(UsageQuantity.Format(usage.UsageValue));
        json.WriteString("statisticalTime", MarketplaceTime.Format(usage.StatisticalTime));
        WriteText(json, "dashboardUrl", usage.DashboardUrl, 512);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value, int maxLength)
    {
        if (value is not null) json.WriteString(name, Limited(value, maxLength, name));
    }

    private static string? Sealed(string? plain, Encryption? encryption) => plain is null || encryption is null
        ? plain
        : MarketplaceFieldCipher.Encrypt(encryption.AccessKey, plain, encryption.Type);

    private static string Limited(string value, int maxLength, string name) => value.Length is > 0 && value.Length <= maxLength
        ? value
        : throw new InvalidOperationException($"{name} of an answer must have 1 to {maxLength} characters; it has {value.Length}.");

    private static string Cut(string message) => message.Length <= 255 ? message : message[..(char.IsHighSurrogate(message[254]) ? 254 : 255)];
}

/// <summary>A quantity on the wire: at most 4 decimals and 20 characters (protocol §2.2, §5.2).</summary>
internal static class UsageQuantity
{
    public static string Format(decimal value)
    {
        var text = value.ToString("0.############################", CultureInfo.InvariantCulture);
        if (value != decimal.Round(value, 4)) throw new ArgumentException($"A usage value has at most 4 decimals; {text} has more.", nameof(value));
        return text.Length <= 20 ? text : throw new ArgumentException($"A usage value has at most 20 characters; {text} has more.", nameof(value));
    }
}
