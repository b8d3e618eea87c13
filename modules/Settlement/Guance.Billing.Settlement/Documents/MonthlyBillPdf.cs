using System.Globalization;
using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Settlement.Documents;

/// <summary>A monthly bill as a document to print or to file: A4, tables that go on over pages, each page with its head and number. Pure.</summary>
internal static class MonthlyBillPdf
{
    public static byte[] Render(MonthlyBill bill, TrueTypeFont font, string language)
    {
        var title = $"{Say("brand")} · {Say("title")} {bill.Month}";
        var document = new PdfDocument(font, title, language);
        var layout = new Layout(document, title, $"{bill.CompanyName} · {bill.BillingAccountId}");
        var currency = bill.Total.Currency.Value;

        layout.Title(Say("title"), $"{currency} {Amount(bill.Total)}");
        layout.Fact(Say("company"), bill.CompanyName);
        layout.Fact(Say("username"), bill.Username);
        layout.Fact(Say("account"), bill.BillingAccountId.Value);
        layout.Fact(Say("bill-number"), bill.Id);
        layout.Fact(Say("month"), bill.Month);
        layout.Fact(Say("period"), MonthlyBillTexts.Say(language, "to", Local(bill.From), Local(bill.To)));
        layout.Fact(Say("time-zone"), bill.TimeZone);

        var amount = new Column($"{Say("amount")} ({currency})", 95, IsRight: true);
        layout.Table(Say("paid-by"), [new(Say("kind"), 170), new(Say("details"), 0), amount],
            [.. bill.PaidBy.Select(payment => Row(Say(Name(payment.From)), Cloud(payment.Payer, payment.CloudAccountId), Amount(payment.Amount))), Total()]);
        layout.Table(Say("payers"), [new(Say("payer"), 0), new(Say("invoiced-by"), 120), amount],
        [
            .. bill.Payers.Select(payer => Row(Payer(payer.Payer, payer.CloudAccountId), Say(payer.InvoicedBy), Amount(payer.Total))), Total(),
        ]);
        layout.Table(Say("items"), [new(Say("item"), 0), new(Say("retention"), 70), new(Say("quantity"), 150, IsRight: true), amount],
        [
            .. bill.Items.Select(item => Row(
                Say(item.Item), Retention(item.RetentionDays), $"{item.Quantity.ToString("#,0.######", CultureInfo.InvariantCulture)} {item.Unit}", Amount(item.Total))),
            Total(4),
        ]);
        layout.Table(Say("sites"), [new(Say("workspace"), 0), new(Say("workspace-id"), 200), amount],
        [
            .. bill.Sites.SelectMany(site => site.Workspaces
                .Select(workspace => Row(workspace.Name, workspace.WorkspaceId.Value, Amount(workspace.Total)))
                .Prepend(Row($"{site.Site} · {site.Name}", "", Amount(site.Total)) with { IsBold = true })),
            Total(),
        ]);
        if (bill.Adjustments.Count > 0)
        {
            layout.Table(Say("adjustments"), [new(Say("adjusts"), 70), new(Say("billed"), 70), new(Say("workspace"), 0), new(Say("item"), 130), amount],
            [
                .. bill.Adjustments.Items.Select(adjustment => Row(
                    Day(adjustment.AdjustsDate), Day(adjustment.BilledDate), adjustment.WorkspaceName,
                    $"{Say(adjustment.Item)} {Retention(adjustment.RetentionDays)}".TrimEnd(), Amount(adjustment.Amount))),
                new([Say("total"), "", "", "", Amount(bill.Adjustments.Total)], true),
            ]);
            if (bill.Adjustments.Count > bill.Adjustments.Items.Count)
            {
                layout.Paragraph(MonthlyBillTexts.Say(language, "adjustments-left-out", bill.Adjustments.Count - bill.Adjustments.Items.Count));
            }
        }

        layout.Heading(Say("notes"), 40);
        foreach (var note in MonthlyBillTexts.Notes(bill.Payers.Select(payer => payer.Payer), bill.Sites.Count == 0, language))
        {
            layout.Paragraph(note.Text);
        }

        layout.Number(bill.Id, (page, pages) => MonthlyBillTexts.Say(language, "page", page, pages));
        return document.ToBytes();

        string Say(string key) => MonthlyBillTexts.Say(language, key);

        Row Total(int columns = 3) => new([Say("total"), .. Enumerable.Repeat("", columns - 2), Amount(bill.Total)], true);

        string Retention(int? retention) => retention is { } kept ? MonthlyBillTexts.Say(language, "days", kept) : "";

        string Payer(string payer, string? cloudAccount) => Payers.IsCloud(payer) ? $"{Say(Payers.Provider(payer)!)} · {Cloud(payer, cloudAccount)}" : Say(payer);

        string Local(DateTimeOffset at) =>
            TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(bill.TimeZone)).ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);
    }

    private static string Cloud(string? payer, string? cloudAccount) => payer is null ? "" : cloudAccount is null ? Payers.Instance(payer) : $"{cloudAccount} / {Payers.Instance(payer)}";

    private static string Name(PaidFrom from) => from switch
    {
        PaidFrom.OrdinaryVoucher => "ordinary-voucher",
        PaidFrom.FullReductionVoucher => "full-reduction-voucher",
        PaidFrom.PrepaidCard => "prepaid-card",
        PaidFrom.Cash => "cash",
        PaidFrom.Arrears => "arrears",
        _ => "cloud-account",
    };

    private static Row Row(params string[] cells) => new(cells, false);

    private static string Amount(Money money) => money.Amount.ToString("#,0.00", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <param name="Head">What stands above it.</param>
    /// <param name="Width">In points; 0 takes what the others leave.</param>
    /// <param name="IsRight">Whether it is aligned at the right.</param>
    private sealed record Column(string Head, double Width, bool IsRight = false);

    /// <summary>Where things stand on pages: goes on downwards, and on a new page where no room is left.</summary>
    private sealed class Layout(PdfDocument document, string head, string subject)
    {
        private const double Left = 50, Right = PdfDocument.Width - 50, Top = 84, Bottom = PdfDocument.Height - 62;
        private const double Size = 9, Leading = 12.5, Padding = 4, Gap = 8;
        private const int CellLinesMax = 4;

        private double y = Bottom;
        private PdfPage? page;

        private PdfPage Page => page ?? Begin();

        public void Title(string title, string total)
        {
            Begin();
            page!.Text(title, Left, y + 14, 20, bold: true);
            page.TextRight(total, Right, y + 14, 20, bold: true);
            y += 38;
        }

        public void Fact(string label, string value)
        {
            Page.Text(label, Left, y, Size, gray: 0.4);
            foreach (var line in document.Wrap(value, Size, Right - Left - 110, 3))
            {
                Page.Text(line, Left + 110, y, Size);
                y += Leading + 2;
            }
        }

        public void Heading(string text, double needed)
        {
            Reserve(30 + needed);
            y += 16;
            Page.Text(text, Left, y, 12, bold: true);
            y += 8;
        }

        public void Paragraph(string text)
        {
            foreach (var line in document.Wrap(text, Size, Right - Left, 10))
            {
                Reserve(Leading);
                y += Leading;
                Page.Text(line, Left, y, Size, gray: 0.25);
            }

            y += 3;
        }

        public void Table(string title, IReadOnlyList<Column> columns, IReadOnlyList<Row> rows)
        {
            var free = Right - Left - columns.Sum(column => column.Width) - (Gap * (columns.Count - 1));
            var widths = columns.Select(column => column.Width == 0 ? free : column.Width).ToArray();
            var isNew = true;
            foreach (var row in rows)
            {
                var lines = row.Cells.Select((cell, i) => document.Wrap(cell, Size, widths[i], CellLinesMax)).ToArray();
                var height = (lines.Max(cell => cell.Count) * Leading) + Padding;
                if (isNew)
                {
                    Heading(title, Leading + height + 10);
                    Heads(columns, widths);
                    isNew = false;
                }
                else if (y + height > Bottom)
                {
                    Begin();
                    Heads(columns, widths);
                }

                for (var i = 0; i < lines.Length; i++)
                {
                    Cells(lines[i], columns[i], At(widths, i), widths[i], y + Leading - 1, row.IsBold);
                }

                y += height;
                Page.Line(Left, Right, y, 0.3, 0.8);
            }
        }

        public void Number(string bill, Func<int, int, string> number)
        {
            var pages = document.Pages;
            for (var i = 0; i < pages.Count; i++)
            {
                pages[i].Line(Left, Right, Bottom + 14, 0.5, 0.6);
                pages[i].Text(bill, Left, Bottom + 27, 7.5, gray: 0.4);
                pages[i].TextRight(number(i + 1, pages.Count), Right, Bottom + 27, 7.5, gray: 0.4);
            }
        }

        private void Heads(IReadOnlyList<Column> columns, double[] widths)
        {
            Page.Fill(Left - 4, y, Right - Left + 8, Leading + Padding, 0.93);
            for (var i = 0; i < columns.Count; i++)
            {
                Cells(document.Wrap(columns[i].Head, Size, widths[i], 1), columns[i], At(widths, i), widths[i], y + Leading - 1, isBold: true);
            }

            y += Leading + Padding;
        }

        private void Cells(IReadOnlyList<string> lines, Column column, double x, double width, double baseline, bool isBold)
        {
            foreach (var line in lines)
            {
                if (column.IsRight)
                {
                    Page.TextRight(line, x + width, baseline, Size, isBold);
                }
                else
                {
                    Page.Text(line, x, baseline, Size, isBold);
                }

                baseline += Leading;
            }
        }

        private static double At(double[] widths, int column) => Left + widths.Take(column).Sum(width => width + Gap);

        private void Reserve(double height)
        {
            if (y + height > Bottom)
            {
                Begin();
            }
        }

        private PdfPage Begin()
        {
            page = document.AddPage();
            page.Text(head, Left, 46, 8, gray: 0.4);
            page.TextRight(document.Wrap(subject, 8, 280, 1)[0], Right, 46, 8, gray: 0.4);
            page.Line(Left, Right, 54, 0.5, 0.6);
            y = Top;
            return page;
        }
    }
}

/// <summary>A row of a table.</summary>
internal sealed record Row(IReadOnlyList<string> Cells, bool IsBold);
