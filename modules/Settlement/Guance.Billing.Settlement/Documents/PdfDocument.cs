using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Guance.Billing.Settlement.Documents;

/// <summary>
/// A PDF 1.7 file of A4 pages with text in one embedded font, and lines. Pages stay open until it is written, so that a footer can say how many there
/// are. The same calls give the same bytes.
/// </summary>
internal sealed class PdfDocument(TrueTypeFont font, string title, string language)
{
    public const double Width = 595.28;
    public const double Height = 841.89;

    private const int FirstPageObject = 9;

    private readonly List<PdfPage> pages = [];

    // The glyphs used, in order of their first use, which is their number in the document; 0 is the font's own sign for what it lacks.
    private readonly List<(int Glyph, Rune Character)> used = [(0, new Rune('\uFFFD'))];
    private readonly Dictionary<int, int> numbers = new() { [0] = 0 };

    public IReadOnlyList<PdfPage> Pages => pages;

    public PdfPage AddPage()
    {
        var page = new PdfPage(this);
        pages.Add(page);
        return page;
    }

    public double WidthOf(string text, double size) => text.EnumerateRunes().Sum(character => font.WidthOf(font.GlyphOf(character))) * size / font.UnitsPerEm;

    /// <summary>The text in lines that fit the width: broken after a space where there is one, else anywhere, as Chinese may be.</summary>
    public IReadOnlyList<string> Wrap(string text, double size, double width, int linesMax)
    {
        var lines = new List<string>();
        var rest = text;
        while (rest.Length > 0 && lines.Count < linesMax)
        {
            var fits = LengthThatFits(rest, size, width);
            var space = fits < rest.Length ? rest.LastIndexOf(' ', fits - 1) : -1;
            var length = space > 0 ? space + 1 : fits;
            lines.Add(rest[..length].TrimEnd());
            rest = rest[length..];
        }

        if (rest.Length > 0)
        {
            var last = lines[^1] + rest;
            lines[^1] = last[..LengthThatFits(last, size, width - WidthOf("…", size))] + "…";
        }

        return lines.Count == 0 ? [""] : lines;
    }

    public byte[] ToBytes()
    {
        var file = new MemoryStream();
        var offsets = new List<long>();
        Write("%PDF-1.7\n%\u00E2\u00E3\u00CF\u00D3\n");
        Object($"<< /Type /Catalog /Pages 2 0 R /Lang ({language}) /ViewerPreferences << /DisplayDocTitle true >> >>");
        Object($"<< /Type /Pages /Count {pages.Count} /Kids [{string.Join(' ', pages.Select((_, i) => $"{FirstPageObject + (2 * i)} 0 R"))}] /MediaBox [0 0 {N(Width)} {N(Height)}] "
            + "/Resources << /Font << /F 3 0 R >> >> >>");
        Object("<< /Type /Font /Subtype /Type0 /BaseFont /GUANCE+WenQuanYiMicroHei /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 7 0 R >>");
        Object("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /GUANCE+WenQuanYiMicroHei /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            + $"/FontDescriptor 5 0 R /CIDToGIDMap /Identity /DW 1000 /W [0 [{string.Join(' ', used.Select(pair => N(Thousandths(font.WidthOf(pair.Glyph)))))}]] >>");
        var (ascent, descent) = font.Heights;
        Object("<< /Type /FontDescriptor /FontName /GUANCE+WenQuanYiMicroHei /Flags 4 /ItalicAngle 0 /StemV 80 "
            + $"/FontBBox [{string.Join(' ', font.Box.Select(edge => N(Thousandths(edge))))}] /Ascent {N(Thousandths(ascent))} /Descent {N(Thousandths(descent))} "
            + $"/CapHeight {N(Thousandths(ascent))} /FontFile2 6 0 R >>");
        var outlines = font.Subset([.. used.Select(pair => pair.Glyph)]);
        Stream(outlines, $"/Length1 {outlines.Length}");
        Stream(Encoding.ASCII.GetBytes(ToUnicode()));
        Object($"<< /Title {Text(title)} /Author (Guance) /Producer (Guance Billing) >>");
        foreach (var page in pages)
        {
            Object($"<< /Type /Page /Parent 2 0 R /Contents {offsets.Count + 2} 0 R >>");
            Stream(Encoding.ASCII.GetBytes(page.Content.ToString()));
        }

        var crossReferences = file.Position;
        Write($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n");
        offsets.ForEach(offset => Write(string.Create(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n")));
        Write($"trailer\n<< /Size {offsets.Count + 1} /Root 1 0 R /Info 8 0 R >>\nstartxref\n{crossReferences}\n%%EOF\n");
        return file.ToArray();

        void Write(string text) => file.Write(Encoding.Latin1.GetBytes(text));

        void Begin()
        {
            offsets.Add(file.Position);
            Write($"{offsets.Count} 0 obj\n");
        }

        void Object(string content)
        {
            Begin();
            Write(content + "\nendobj\n");
        }

        void Stream(byte[] content, string more = "")
        {
            var compressed = new MemoryStream();
            using (var deflate = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            {
                deflate.Write(content);
            }

            Begin();
            Write($"<< /Length {compressed.Length} /Filter /FlateDecode {more} >>\nstream\n");
            compressed.WriteTo(file);
            Write("\nendstream\nendobj\n");
        }
    }

    /// <summary>The text as the numbers of its glyphs, as a page shows it.</summary>
    internal string Glyphs(string text)
    {
        var shown = new StringBuilder(4 * text.Length);
        foreach (var character in text.EnumerateRunes())
        {
            var glyph = font.GlyphOf(character);
            if (!numbers.TryGetValue(glyph, out var number))
            {
                numbers[glyph] = number = used.Count;
                used.Add((glyph, character));
            }

            shown.Append(CultureInfo.InvariantCulture, $"{number:X4}");
        }

        return shown.ToString();
    }

    internal static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private double Thousandths(int units) => 1000.0 * units / font.UnitsPerEm;

    private int LengthThatFits(string text, double size, double width)
    {
        var (length, left) = (0, width * font.UnitsPerEm / size);
        foreach (var character in text.EnumerateRunes())
        {
            left -= font.WidthOf(font.GlyphOf(character));
            if (left < 0 && length > 0)
            {
                break;
            }

            length += character.Utf16SequenceLength;
        }

        return length;
    }

    /// <summary>By which a reader turns glyphs back into text, for searching and copying.</summary>
    private string ToUnicode()
    {
        var map = new StringBuilder(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            + "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
        foreach (var chunk in used.Select((pair, number) => (pair.Character, number)).Chunk(100))
        {
            map.Append(CultureInfo.InvariantCulture, $"{chunk.Length} beginbfchar\n");
            foreach (var (character, number) in chunk)
            {
                map.Append(CultureInfo.InvariantCulture, $"<{number:X4}> <{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(character.ToString()))}>\n");
            }

            map.Append("endbfchar\n");
        }

        return map.Append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n").ToString();
    }

    private static string Text(string text) => $"<FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}>";
}

/// <summary>What is drawn on a page. Distances are in points from the top left corner; a text stands on its baseline.</summary>
internal sealed class PdfPage(PdfDocument document)
{
    internal StringBuilder Content { get; } = new();

    public void Text(string text, double x, double baseline, double size, bool bold = false, double gray = 0)
    {
        // Bold is the same outline with a stroke: a second font file would be another 5 MB for a few headings.
        var weight = bold ? $"2 Tr {PdfDocument.N(size * 0.028)} w " : "";
        Content.Append(CultureInfo.InvariantCulture,
            $"q {PdfDocument.N(gray)} g {PdfDocument.N(gray)} G BT /F {PdfDocument.N(size)} Tf {weight}{PdfDocument.N(x)} {PdfDocument.N(PdfDocument.Height - baseline)} Td <{document.Glyphs(text)}> Tj ET Q\n");
    }

    public void TextRight(string text, double right, double baseline, double size, bool bold = false, double gray = 0) =>
        Text(text, right - document.WidthOf(text, size), baseline, size, bold, gray);

    public void Line(double fromX, double toX, double y, double thickness, double gray) => Content.Append(CultureInfo.InvariantCulture,
        $"q {PdfDocument.N(gray)} G {PdfDocument.N(thickness)} w {PdfDocument.N(fromX)} {PdfDocument.N(PdfDocument.Height - y)} m {PdfDocument.N(toX)} {PdfDocument.N(PdfDocument.Height - y)} l S Q\n");

    public void Fill(double x, double top, double width, double height, double gray) => Content.Append(CultureInfo.InvariantCulture,
        $"q {PdfDocument.N(gray)} g {PdfDocument.N(x)} {PdfDocument.N(PdfDocument.Height - top - height)} {PdfDocument.N(width)} {PdfDocument.N(height)} re f Q\n");
}
