using System.Globalization;
using System.Net;
using CsvHelper;
using Guance.Billing.CloudAccounts.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.Settlement.Tests.Documents;

[CollectionDefinition(nameof(DocumentsCenter))]
public sealed class DocumentsCenterCollection : ICollectionFixture<DocumentsCenter>;

/// <summary>A Billing Center in which every day up to yesterday is closed; bills of any day are put in as the close of a day does, and paid.</summary>
public sealed class DocumentsCenter : IAsyncLifetime
{
    public BillingCenter Center { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Center.InitializeAsync();
        await CloseThroughAsync(DateOnly.FromDateTime(Center.Now.UtcDateTime).AddDays(-1));
    }

    public ValueTask DisposeAsync() => Center.DisposeAsync();

    public Task CloseThroughAsync(DateOnly day) =>
        Center.ExecuteAsync($"insert into settlement.day_close (day, state, started_at) values ('{day:yyyy-MM-dd}', 'completed', now()) on conflict do nothing");

    public Task RenameAsync(WorkspaceId workspace, string name) => Center.ExecuteAsync(
        $"update settlement.mt_doc_workspacesettlement set data = jsonb_set(data, '{{name}}', to_jsonb('{name.Replace("'", "''", StringComparison.Ordinal)}'::text)) where id = '{workspace}'");

    /// <summary>Bills a workspace's day, and pays the bill.</summary>
    internal async Task BillAsync(Customer customer, string day, params Line[] lines) => await BillAsync(customer, customer.Workspace, BillingCenter.Cn4, day, lines);

    internal async Task BillAsync(Customer customer, WorkspaceId workspace, SiteCode site, string day, params Line[] lines)
    {
        var date = DateOnly.Parse(day, CultureInfo.InvariantCulture);
        var source = (NpgsqlDataSource)Center.Deployment.Services.GetService(typeof(NpgsqlDataSource))!;
        await using var insert = source.CreateCommand(
            """
            with b as (insert into settlement.bill values (@day, @workspace, @account, @site, 'CNY', @total, now()))
            insert into settlement.bill_line
            select @day, @workspace, n, @account, item, retention, payer, adjusts, quantity, share, of_share, unit_quantity, price, 1, exact, 0, amount, exact - amount
            from unnest(@item, @retention, @payer, @adjusts, @quantity, @share, @of_share, @unit_quantity, @price, @exact, @amount)
                with ordinality l(item, retention, payer, adjusts, quantity, share, of_share, unit_quantity, price, exact, amount, n)
            """);
        insert.Parameters.AddWithValue("day", date);
        insert.Parameters.AddWithValue("workspace", workspace.Uuid());
        insert.Parameters.AddWithValue("account", customer.Account.Value);
        insert.Parameters.AddWithValue("site", site.Value);
        insert.Parameters.AddWithValue("total", lines.Sum(line => line.Amount));
        insert.Parameters.AddWithValue("item", lines.Select(line => line.Item).ToArray());
        insert.Parameters.AddWithValue("retention", lines.Select(line => line.Retention).ToArray());
        insert.Parameters.AddWithValue("payer", lines.Select(line => line.Payer).ToArray());
        insert.Parameters.AddWithValue("adjusts", NpgsqlDbType.Array | NpgsqlDbType.Date, lines.Select(line => line.Adjusts is { } adjusts ? DateOnly.Parse(adjusts, CultureInfo.InvariantCulture) : (DateOnly?)null).ToArray());
        insert.Parameters.AddWithValue("quantity", lines.Select(line => line.Quantity).ToArray());
        insert.Parameters.AddWithValue("share", lines.Select(line => line.Share).ToArray());
        insert.Parameters.AddWithValue("of_share", lines.Select(line => line.OfShare).ToArray());
        insert.Parameters.AddWithValue("unit_quantity", lines.Select(line => line.UnitQuantity).ToArray());
        insert.Parameters.AddWithValue("price", lines.Select(line => line.Price).ToArray());
        insert.Parameters.AddWithValue("exact", lines.Select(line => line.Exact).ToArray());
        insert.Parameters.AddWithValue("amount", lines.Select(line => line.Amount).ToArray());
        await insert.ExecuteNonQueryAsync();
        await Center.PayAsync(new BillToPay(customer.Account, workspace, date,
            [.. lines.GroupBy(line => line.Payer).Select(payer => new PayerCharge(payer.Key, payer.Where(line => line.Item != "sms").Sum(line => line.Amount), payer.Where(line => line.Item == "sms").Sum(line => line.Amount)))]));
    }
}

/// <summary>A line of a bill, by default of logs.</summary>
internal sealed record Line(string Item, int Retention, decimal Quantity, decimal UnitQuantity, decimal Price, string Payer = "billing-center", string? Adjusts = null, long Share = 1, long OfShare = 1)
{
    public decimal Exact => Math.Round(Quantity * Price / UnitQuantity * Share / OfShare, 16, MidpointRounding.AwayFromZero);

    public decimal Amount => Math.Round(Exact, 2, MidpointRounding.AwayFromZero);

    public static Line Series(decimal quantity, string payer = "billing-center", long share = 1, long ofShare = 1) => new("time-series", 3, quantity, 1_000, 0.6m, payer, Share: share, OfShare: ofShare);

    public static Line Logs(decimal quantity, string payer = "billing-center", string? adjusts = null) => new("logs", 7, quantity, 1_000_000, 1.2m, payer, adjusts);

    public static Line Sms(decimal quantity) => new("sms", 0, quantity, 10, 1);
}

internal static class DocumentReading
{
    public static string Payer(this CloudSubscriptionFacts cloud) => $"{cloud.Provider}/{cloud.InstanceId}";

    public static async Task<byte[]> BytesAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>The rows of a CSV, read by somebody else's reader.</summary>
    public static async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> CsvAsync(this HttpClient client, string path)
    {
        using var text = new StreamReader(new MemoryStream(await client.BytesAsync(path)));
        using var csv = CsvReader.FromText(await text.ReadToEndAsync(), new() { Separator = ',', HasHeader = false });
        var rows = new List<IReadOnlyDictionary<string, string>>();
        string[]? columns = null;
        while (csv.Read())
        {
            var fields = Enumerable.Range(0, csv.FieldCount).Select(csv.GetString).ToArray();
            if (columns is null)
            {
                columns = fields;
                continue;
            }

            rows.Add(columns.Zip(fields).ToDictionary(field => field.First, field => field.Second, StringComparer.Ordinal));
        }

        return rows;
    }
}
