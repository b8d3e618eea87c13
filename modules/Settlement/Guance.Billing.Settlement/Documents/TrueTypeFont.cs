using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text;

namespace Guance.Billing.Settlement.Documents;

/// <summary>
/// A font with TrueType outlines, as much of it as documents need: which glyph shows a character, how wide it is, and a font file of the glyphs that
/// one document uses. Everything is read from the file as it lies; nothing changes after construction.
/// </summary>
internal sealed class TrueTypeFont
{
    private const string FileName = "wqy-microhei.ttc";
    private const uint Collection = 0x74746366; // 'ttcf'
    private const int Missing = 0x25A1; // □

    private readonly byte[] file;
    private readonly FrozenDictionary<string, (int Offset, int Length)> tables;
    private readonly bool longOffsets;
    private readonly int widths;
    private readonly (uint First, uint Last, uint Glyph)[] characters;

    private TrueTypeFont(byte[] bytes)
    {
        file = bytes;
        var start = U32(0) == Collection ? (int)U32(12) : 0;
        tables = Enumerable.Range(0, U16(start + 4)).Select(i => start + 12 + (16 * i))
            .ToFrozenDictionary(entry => Encoding.ASCII.GetString(file, entry, 4), entry => ((int)U32(entry + 8), (int)U32(entry + 12)), StringComparer.Ordinal);
        longOffsets = U16(At("head") + 50) == 1;
        UnitsPerEm = U16(At("head") + 18);
        widths = U16(At("hhea") + 34);
        characters = Characters();
    }

    public int UnitsPerEm { get; }

    /// <summary>How far the glyphs reach above and below the line.</summary>
    public (int Ascent, int Descent) Heights => (I16(At("hhea") + 4), I16(At("hhea") + 6));

    /// <summary>What the glyphs fill: left, bottom, right, top.</summary>
    public IReadOnlyList<int> Box => [I16(At("head") + 36), I16(At("head") + 38), I16(At("head") + 40), I16(At("head") + 42)];

    /// <summary>The font that is embedded in the program.</summary>
    public static TrueTypeFont Embedded()
    {
        using var stream = typeof(TrueTypeFont).Assembly.GetManifestResourceStream(FileName) ?? throw new InvalidOperationException($"{FileName} is not embedded.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new(bytes);
    }

    /// <summary>The glyph of a character; that of □ where the font has none.</summary>
    public int GlyphOf(Rune character) => Find((uint)character.Value) ?? Find(Missing) ?? 0;

    /// <summary>A glyph's width, in <see cref="UnitsPerEm"/>.</summary>
    public int WidthOf(int glyph) => U16(At("hmtx") + (4 * Math.Min(glyph, widths - 1)));

    /// <summary>A font file of these glyphs alone, numbered as they stand in the list; parts of composed glyphs follow them.</summary>
    public byte[] Subset(IReadOnlyList<int> glyphs)
    {
        var kept = glyphs.ToList();
        var numbers = kept.Select((glyph, number) => (glyph, number)).DistinctBy(pair => pair.glyph).ToDictionary(pair => pair.glyph, pair => pair.number);
        var outlines = new List<byte[]>();
        for (var i = 0; i < kept.Count; i++)
        {
            var outline = Outline(kept[i]).ToArray();
            foreach (var part in Parts(outline))
            {
                var glyph = BinaryPrimitives.ReadUInt16BigEndian(outline.AsSpan(part));
                if (!numbers.TryGetValue(glyph, out var number))
                {
                    numbers[glyph] = number = kept.Count;
                    kept.Add(glyph);
                }

                BinaryPrimitives.WriteUInt16BigEndian(outline.AsSpan(part), (ushort)number);
            }

            outlines.Add(outline);
        }

        return Assemble(kept, outlines);
    }

    private byte[] Assemble(List<int> kept, List<byte[]> outlines)
    {
        var (glyf, loca, hmtx) = (new MemoryStream(), new byte[4 * (kept.Count + 1)], new byte[4 * kept.Count]);
        for (var i = 0; i < kept.Count; i++)
        {
            glyf.Write(outlines[i]);
            glyf.SetLength((glyf.Length + 3) & ~3);
            glyf.Position = glyf.Length;
            BinaryPrimitives.WriteUInt32BigEndian(loca.AsSpan(4 * (i + 1)), (uint)glyf.Length);
            BinaryPrimitives.WriteUInt16BigEndian(hmtx.AsSpan(4 * i), (ushort)WidthOf(kept[i]));
            BinaryPrimitives.WriteInt16BigEndian(hmtx.AsSpan((4 * i) + 2), SideOf(kept[i]));
        }

        var (head, hhea, maxp) = (Table("head").ToArray(), Table("hhea").ToArray(), Table("maxp").ToArray());
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(8), 0);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(50), 1);
        BinaryPrimitives.WriteUInt16BigEndian(hhea.AsSpan(34), (ushort)kept.Count);
        BinaryPrimitives.WriteUInt16BigEndian(maxp.AsSpan(4), (ushort)kept.Count);
        var parts = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["glyf"] = glyf.ToArray(), ["head"] = head, ["hhea"] = hhea, ["hmtx"] = hmtx, ["loca"] = loca, ["maxp"] = maxp,
        };
        foreach (var hints in new[] { "cvt ", "fpgm", "prep" }.Where(tables.ContainsKey))
        {
            parts[hints] = Table(hints).ToArray();
        }

        return File(parts);
    }

    private static byte[] File(SortedDictionary<string, byte[]> parts)
    {
        var range = 1 << (int)Math.Log2(parts.Count);
        var position = 12 + (16 * parts.Count);
        var subset = new byte[position + parts.Values.Sum(part => (part.Length + 3) & ~3)];
        BinaryPrimitives.WriteUInt32BigEndian(subset, 0x00010000);
        BinaryPrimitives.WriteUInt16BigEndian(subset.AsSpan(4), (ushort)parts.Count);
        BinaryPrimitives.WriteUInt16BigEndian(subset.AsSpan(6), (ushort)(16 * range));
        BinaryPrimitives.WriteUInt16BigEndian(subset.AsSpan(8), (ushort)Math.Log2(range));
        BinaryPrimitives.WriteUInt16BigEndian(subset.AsSpan(10), (ushort)(16 * (parts.Count - range)));
        var entry = 12;
        foreach (var (name, part) in parts)
        {
            part.CopyTo(subset, position);
            Encoding.ASCII.GetBytes(name, subset.AsSpan(entry));
            BinaryPrimitives.WriteUInt32BigEndian(subset.AsSpan(entry + 4), Checksum(subset.AsSpan(position, (part.Length + 3) & ~3)));
            BinaryPrimitives.WriteUInt32BigEndian(subset.AsSpan(entry + 8), (uint)position);
            BinaryPrimitives.WriteUInt32BigEndian(subset.AsSpan(entry + 12), (uint)part.Length);
            position += (part.Length + 3) & ~3;
            entry += 16;
        }

        return subset;
    }

    private static uint Checksum(ReadOnlySpan<byte> padded)
    {
        var sum = 0u;
        for (var i = 0; i < padded.Length; i += 4)
        {
            sum = unchecked(sum + BinaryPrimitives.ReadUInt32BigEndian(padded[i..]));
        }

        return sum;
    }

    /// <summary>Where in an outline the numbers of the glyphs stand of which it is composed.</summary>
    private static IEnumerable<int> Parts(byte[] outline)
    {
        const int WordArguments = 0x0001, Scale = 0x0008, More = 0x0020, TwoScales = 0x0040, Matrix = 0x0080;
        if (outline.Length == 0 || BinaryPrimitives.ReadInt16BigEndian(outline) >= 0)
        {
            yield break;
        }

        int flags;
        var at = 10;
        do
        {
            flags = BinaryPrimitives.ReadUInt16BigEndian(outline.AsSpan(at));
            yield return at + 2;
            at += 4 + ((flags & WordArguments) != 0 ? 4 : 2) + ((flags & Scale) != 0 ? 2 : (flags & TwoScales) != 0 ? 4 : (flags & Matrix) != 0 ? 8 : 0);
        }
        while ((flags & More) != 0);
    }

    private int? Find(uint character)
    {
        var (low, high) = (0, characters.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var (first, last, glyph) = characters[middle];
            if (character < first)
            {
                high = middle - 1;
            }
            else if (character > last)
            {
                low = middle + 1;
            }
            else
            {
                return (int)(glyph + (character - first));
            }
        }

        return null;
    }

    /// <summary>The map of all of Unicode (format 12): runs of characters, each with the glyph of its first.</summary>
    private (uint First, uint Last, uint Glyph)[] Characters()
    {
        var maps = At("cmap");
        var map = Enumerable.Range(0, U16(maps + 2)).Select(i => maps + (int)U32(maps + 4 + (8 * i) + 4)).First(at => U16(at) == 12);
        return [.. Enumerable.Range(0, (int)U32(map + 12)).Select(i => map + 16 + (12 * i)).Select(run => (U32(run), U32(run + 4), U32(run + 8)))];
    }

    private ReadOnlySpan<byte> Outline(int glyph)
    {
        var (from, to) = longOffsets
            ? ((int)U32(At("loca") + (4 * glyph)), (int)U32(At("loca") + (4 * glyph) + 4))
            : (2 * U16(At("loca") + (2 * glyph)), 2 * U16(At("loca") + (2 * glyph) + 2));
        return file.AsSpan(At("glyf") + from, to - from);
    }

    private short SideOf(int glyph) => I16(At("hmtx") + (glyph < widths ? (4 * glyph) + 2 : (4 * widths) + (2 * (glyph - widths))));

    private int At(string table) => tables[table].Offset;

    private ReadOnlySpan<byte> Table(string name) => file.AsSpan(tables[name].Offset, tables[name].Length);

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at));

    private short I16(int at) => BinaryPrimitives.ReadInt16BigEndian(file.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
}
