using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Guance.Billing.Workspaces.Domain;

namespace Guance.Billing.Workspaces;

/// <summary>A usage event as it was read. Where <see cref="Code"/> is set, it cannot be taken whatever the site knows.</summary>
internal struct UsageEvent
{
    /// <summary>A hash of workspace and event id: what tells a repetition.</summary>
    public Guid Key;

    /// <summary>A hash of item, quantity, time and retention as the event names them: what tells a repetition from another event of the same id.</summary>
    public long Content;
    public Guid Workspace;
    public string Id;
    public string Item;
    public int? Retention;
    public decimal Quantity;

    /// <summary>UTC, whole microseconds, as the database keeps it.</summary>
    public DateTime Time;
    public string? Code;

    /// <summary>Where it stands in the body.</summary>
    public Range Source;
}

/// <summary>
/// The events of a request, read from its body without an object for each. What is no JSON is refused whole; what is JSON and no proper event
/// is kept with the reason.
/// </summary>
internal sealed class UsageBatch : IDisposable
{
    public const int EventsMax = 10_000;

    /// <summary>An agent's id of an event, in bytes of UTF-8.</summary>
    public const int IdBytesMax = 256;

    private const int ItemBytesMax = 128;
    private const int NumberBytesMax = 28;
    private const int TimeBytesMax = 128;

    private readonly ReadOnlyMemory<byte> body;
    private UsageEvent[] events = ArrayPool<UsageEvent>.Shared.Rent(1024);
    private int count;

    private UsageBatch(ReadOnlyMemory<byte> body) => this.body = body;

    public ReadOnlySpan<UsageEvent> Events => events.AsSpan(0, count);

    /// <summary>The event as it came.</summary>
    public string SourceOf(int index) => Encoding.UTF8.GetString(body[events[index].Source].Span);

    public void Dispose()
    {
        ArrayPool<UsageEvent>.Shared.Return(events, clearArray: true);
        events = [];
        count = 0;
    }

    /// <summary>Reads a JSON array, or one JSON value after another (NDJSON).</summary>
    /// <exception cref="BillingRefusal"><c>body-unreadable</c>, <c>events-missing</c>, <c>too-many-events</c>: nothing can be taken.</exception>
    public static UsageBatch Read(ReadOnlyMemory<byte> body, bool isLines)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw Unreadable("it is not UTF-8");
        }

        var batch = new UsageBatch(body);
        try
        {
            batch.Read(isLines);
        }
        catch (JsonException failure)
        {
            throw Unreadable($"it is no JSON at line {failure.LineNumber + 1}, position {failure.BytePositionInLine + 1}");
        }

        return batch.count > 0
            ? batch
            : throw new BillingRefusal(RefusalKind.Invalid, "events-missing", $"Send 1 to {EventsMax} events, as a JSON array or one JSON object a line.");
    }

    private static BillingRefusal Unreadable(string why) => new(
        RefusalKind.Invalid, "body-unreadable", $"The body cannot be read: {why}. Nothing of it was taken; mend it and send it again.");

    private void Read(bool isLines)
    {
        var items = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { AllowMultipleValues = isLines });
        if (!isLines)
        {
            reader.Read();
            if (reader.TokenType is not JsonTokenType.StartArray)
            {
                throw Unreadable("it is no JSON array. Send one JSON object a line as application/x-ndjson");
            }
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (count == EventsMax)
            {
                throw new BillingRefusal(RefusalKind.Invalid, "too-many-events", $"Send at most {EventsMax} events at once.");
            }

            if (count == events.Length)
            {
                var more = ArrayPool<UsageEvent>.Shared.Rent(count * 2);
                events.CopyTo(more, 0);
                ArrayPool<UsageEvent>.Shared.Return(events, clearArray: true);
                events = more;
            }

            var start = (int)reader.TokenStartIndex;
            ref var e = ref events[count];
            e = default;
            ReadEvent(ref reader, ref e, items);
            e.Source = start..(int)reader.BytesConsumed;
            count++;
        }

        // What follows the array, if anything, is no JSON.
        while (!isLines && reader.Read())
        {
        }
    }

    private static void ReadEvent(ref Utf8JsonReader reader, ref UsageEvent e, Dictionary<string, string> items)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            e.Code = UsageRules.EventInvalid;
            return;
        }

        var (hasWorkspace, hasQuantity, hasTime) = (false, false, false);
        string? isWrong = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                e.Id = Text(ref reader, IdBytesMax) ?? "";
            }
            else if (reader.ValueTextEquals("workspaceId"u8))
            {
                reader.Read();
                hasWorkspace = reader.TokenType is JsonTokenType.String;
                // What is no id at all names no workspace of this site.
                if (hasWorkspace && !IsWorkspace(ref reader, out e.Workspace))
                {
                    isWrong ??= UsageRules.UnknownWorkspace;
                }
            }
            else if (reader.ValueTextEquals("item"u8))
            {
                reader.Read();
                e.Item = Item(ref reader, items) ?? "";
            }
            else if (reader.ValueTextEquals("quantity"u8))
            {
                reader.Read();
                hasQuantity = true;
                if (!IsQuantity(ref reader, out e.Quantity))
                {
                    isWrong ??= UsageRules.QuantityInvalid;
                }
            }
            else if (reader.ValueTextEquals("time"u8))
            {
                reader.Read();
                hasTime = true;
                if (!IsTime(ref reader, out e.Time))
                {
                    isWrong ??= UsageRules.TimeInvalid;
                }
            }
            else if (reader.ValueTextEquals("retentionDays"u8))
            {
                reader.Read();
                if (reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var days))
                {
                    e.Retention = days;
                }
                else if (reader.TokenType is not JsonTokenType.Null)
                {
                    isWrong ??= UsageRules.EventInvalid;
                }
            }
            else
            {
                // What an agent adds is its own.
                reader.Read();
            }

            reader.Skip();
        }

        e.Code = e.Id is not { Length: > 0 } || e.Item is not { Length: > 0 } || !hasWorkspace || !hasQuantity || !hasTime ? UsageRules.EventInvalid : isWrong;
        if (e.Code is null)
        {
            e.Key = KeyOf(e.Workspace, e.Id);
            e.Content = ContentOf(e);
        }
    }

    /// <summary>128 bits keep ids apart for ever. No cryptographic hash: an agent that wanted two of its events to meet could as well leave one out.</summary>
    private static Guid KeyOf(Guid workspace, string id)
    {
        Span<byte> named = stackalloc byte[16 + IdBytesMax];
        workspace.TryWriteBytes(named);
        Span<byte> hash = stackalloc byte[16];
        XxHash128.Hash(named[..(16 + Encoding.UTF8.GetBytes(id, named[16..]))], hash);
        return new Guid(hash);
    }

    private static long ContentOf(in UsageEvent e)
    {
        Span<byte> content = stackalloc byte[16 + 8 + 4 + ItemBytesMax];
        // Divided so, 1.50 has the bits of 1.5.
        decimal.GetBits(e.Quantity / 1.0000000000000000000000000000m, MemoryMarshal.Cast<byte, int>(content[..16]));
        BinaryPrimitives.WriteInt64LittleEndian(content[16..], e.Time.Ticks);
        BinaryPrimitives.WriteInt32LittleEndian(content[24..], e.Retention ?? -1);
        return (long)XxHash3.HashToUInt64(content[..(28 + Encoding.UTF8.GetBytes(e.Item, content[28..]))]);
    }

    /// <summary>The text, if the database can keep it.</summary>
    private static string? Text(ref Utf8JsonReader reader, int bytesMax)
    {
        if (reader.TokenType is not JsonTokenType.String || reader.ValueSpan.Length > bytesMax)
        {
            return null;
        }

        if (!reader.ValueIsEscaped)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }

        try
        {
            var text = reader.GetString()!;
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    private static string? Item(ref Utf8JsonReader reader, Dictionary<string, string> items)
    {
        if (reader.TokenType is not JsonTokenType.String || reader.ValueIsEscaped || reader.ValueSpan.Length > ItemBytesMax)
        {
            return Text(ref reader, ItemBytesMax);
        }

        // The same few names again and again: one string each.
        Span<char> name = stackalloc char[ItemBytesMax];
        name = name[..Encoding.UTF8.GetChars(reader.ValueSpan, name)];
        var known = items.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(name, out var item))
        {
            known[name] = item = name.ToString();
        }

        return item;
    }

    private static bool IsWorkspace(ref Utf8JsonReader reader, out Guid workspace)
    {
        workspace = default;
        var text = reader.ValueSpan;
        var prefix = "wksp_"u8;
        return text.Length == prefix.Length + 32
            && text.StartsWith(prefix)
            && !text[prefix.Length..].ContainsAnyExcept(HexDigits)
            && Utf8Parser.TryParse(text[prefix.Length..], out workspace, out _, 'N');
    }

    private static bool IsQuantity(ref Utf8JsonReader reader, out decimal quantity)
    {
        quantity = 0;
        // Longer numbers, and such as 1e-40, would be rounded in reading.
        return reader.TokenType is JsonTokenType.Number
            && reader.ValueSpan.Length <= NumberBytesMax
            && reader.TryGetDecimal(out quantity)
            && UsageRules.IsQuantity(quantity)
            && (quantity != 0 || !Mantissa(reader.ValueSpan).ContainsAnyInRange((byte)'1', (byte)'9'));
    }

    private static ReadOnlySpan<byte> Mantissa(ReadOnlySpan<byte> number) =>
        number.IndexOfAny((byte)'e', (byte)'E') is >= 0 and var end ? number[..end] : number;

    private static bool IsTime(ref Utf8JsonReader reader, out DateTime time)
    {
        time = default;
        // Some encoders write the offset's plus as an escape; what is no text at all must not reach the reader's own parser, which throws.
        var unescaped = reader.ValueIsEscaped && Text(ref reader, TimeBytesMax) is { } text ? Encoding.UTF8.GetBytes(text) : null;
        if (reader.TokenType is not JsonTokenType.String
            || (reader.ValueIsEscaped && unescaped is null)
            || !HasOffset(unescaped ?? reader.ValueSpan)
            || !reader.TryGetDateTimeOffset(out var read))
        {
            return false;
        }

        time = new DateTime(read.UtcTicks - (read.UtcTicks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
        return true;
    }

    /// <summary>Without an offset it would be the site's local time, whatever that is.</summary>
    private static bool HasOffset(ReadOnlySpan<byte> text) => text.Length > 19 && (text[^1] is (byte)'Z' || text[^6] is (byte)'+' or (byte)'-');

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);
}
