using System.Text.Json;
using System.Text.Json.Serialization;

namespace Guance.Billing.SharedKernel;

/// <summary>Writes a typed id as its text and reads it back, as a value or as a key of an object.</summary>
/// <typeparam name="TId">The id's type.</typeparam>
public sealed class TypedIdJsonConverter<TId> : JsonConverter<TId>
    where TId : struct, ITypedId<TId>
{
    /// <inheritdoc/>
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Ids.TryParse<TId>(reader.GetString(), out var id) ? id : throw new JsonException($"An id that starts with '{TId.Prefix}' is wanted.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    /// <inheritdoc/>
    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, typeToConvert, options);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Value);
}

/// <summary>A value that is written as one short code, such as a site or a provider.</summary>
/// <typeparam name="TSelf">The value's own type.</typeparam>
public interface ICode<TSelf> : IParsable<TSelf>
    where TSelf : struct, ICode<TSelf>
{
    /// <summary>The code as it stands in JSON.</summary>
    string Value { get; }
}

/// <summary>Writes a code as its text and reads it back.</summary>
/// <typeparam name="TCode">The code's type.</typeparam>
public sealed class CodeJsonConverter<TCode> : JsonConverter<TCode>
    where TCode : struct, ICode<TCode>
{
    /// <inheritdoc/>
    public override TCode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TCode.TryParse(reader.GetString(), null, out var code) ? code : throw new JsonException($"Not a {typeof(TCode).Name}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TCode value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    /// <inheritdoc/>
    public override TCode ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, typeToConvert, options);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, TCode value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Value);
}
