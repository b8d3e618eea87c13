using System.Globalization;
using System.Text.Json;

namespace HuaweiCloud.Marketplace;

/// <summary>A field of a call is missing, too long or not allowed; answered <see cref="MarketplaceResultCodes.InvalidParameter"/>.</summary>
internal sealed class InvalidFieldException(string message) : Exception(message);

/// <summary>The members of one JSON object, read leniently in form (strings or numbers alike, empty as missing) and strictly in size.
/// Remembers which were asked for, to tell which are unknown.</summary>
internal sealed class FieldSet
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<FieldSet> _children = [];
    private readonly string _path;

    public FieldSet(JsonElement value, string path = "")
    {
        _path = path;
        foreach (var member in value.EnumerateObject()) _fields[member.Name] = member.Value;
    }

    public bool Has(string name) => Find(name) is not null;

    public string Required(string name, int maxLength) => Optional(name, maxLength) ?? throw Invalid(name, "is missing");

    public string? Optional(string name, int maxLength)
    {
        var text = Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } value => value.GetRawText(),
            _ => throw Invalid(name, "must be a string"),
        };
        if (string.IsNullOrEmpty(text)) return null;
        if (text.Length > maxLength) throw Invalid(name, $"is longer than {maxLength} characters");
        if (text.Any(char.IsControl)) throw Invalid(name, "holds a control character");
        return text;
    }

    public DateTimeOffset? Time(string name) => Optional(name, 20) is not { } text
        ? null
        : MarketplaceTime.TryParse(text) ?? throw Invalid(name, "must be a UTC time of 14 or 17 digits, yyyyMMddHHmmss or yyyyMMddHHmmssSSS");

    public decimal? Number(string name, int maxLength) => Optional(name, maxLength) is not { } text
        ? null
        : decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Invalid(name, "must be a decimal number");

    public int? Integer(string name, int maxDigits) => Optional(name, maxDigits) is not { } text
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Invalid(name, "must be a whole number");

    public FieldSet? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => Child(value, name),
        _ => throw Invalid(name, "must be an object"),
    };

    /// <summary>An array of objects; a single object counts as an array of one, a missing one as empty.</summary>
    public IReadOnlyList<FieldSet> Objects(string name)
    {
        const int CountMax = 100;
        switch (Find(name))
        {
            case null: return [];
            case { ValueKind: JsonValueKind.Object } value: return [Child(value, name)];
            case { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() > CountMax: throw Invalid(name, $"holds more than {CountMax} items");
            case { ValueKind: JsonValueKind.Array } array when array.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object):
                return [.. array.EnumerateArray().Select((item, index) => Child(item, $"{name}[{index}]"))];
            default: throw Invalid(name, "must be an array of objects");
        }
    }

    public IReadOnlyList<OrderExtendParam> ExtendParams(string name) =>
        [.. Objects(name).Select(param => new OrderExtendParam(param.Required("name", 255), param.Optional("value", 2048)))];

    public OrderProduct Product() =>
        new(Optional("productId", 64), Optional("skuCode", 64), Number("linearValue", 20), Optional("productName", 255));

    /// <summary>Fields nobody asked for, those of inner objects by their path.</summary>
    public Dictionary<string, string> Unknown()
    {
        var unknown = _fields.Where(field => !_asked.Contains(field.Key)).ToDictionary(field => _path + field.Key, field => Text(field.Value), StringComparer.Ordinal);
        foreach (var inner in _children.SelectMany(child => child.Unknown())) unknown[inner.Key] = inner.Value;
        return unknown;
    }

    public InvalidFieldException Invalid(string name, string why) => new($"{_path}{name} {why}");

    private static string Text(JsonElement value)
    {
        try { return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(); }
        catch (InvalidOperationException) { return value.GetRawText(); } // half a surrogate pair, in a field nobody asked for
    }

    private FieldSet Child(JsonElement value, string name)
    {
        var child = new FieldSet(value, $"{_path}{name}.");
        _children.Add(child);
        return child;
    }

    private JsonElement? Find(string name)
    {
        _asked.Add(name);
        return _fields.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
