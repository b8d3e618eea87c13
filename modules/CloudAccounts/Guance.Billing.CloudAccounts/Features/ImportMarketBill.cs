using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Tables;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using HuaweiCloud.Marketplace;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>Reads the file as the settings name its columns, and compares it.</summary>
internal sealed class MarketBillReader(IConfiguration configuration, IOptionsMonitor<HuaweiMarketplaceOptions> options, Deployment deployment)
{
    public MarketBillFile Read(string csv)
    {
        var columns = configuration.GetSection("HuaweiMarketplace:BillColumns");
        var defaults = new MarketBillColumns();
        var file = MarketBillFile.Read(
            csv,
            new MarketBillColumns(
                columns["Month"] ?? defaults.Month, columns["InstanceId"] ?? defaults.InstanceId, columns["Day"] ?? defaults.Day,
                columns["Amount"] ?? defaults.Amount, columns["Currency"] ?? defaults.Currency, columns["MeteringSn"] ?? defaults.MeteringSn),
            deployment.Currency);
        return file.Faults.Count == 0 ? file : throw BillingRefusal.Unprocessable(
            "market-bill-invalid",
            $"Nothing was imported. Mend line {file.Faults[0].Line} ({file.Faults[0].What}) and the others that 'lines' names, or say by HuaweiMarketplace__BillColumns how the columns are called.",
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["lines"] = file.Faults.Select(fault => new { fault.Line, fault.What }).ToArray() });
    }

    public async Task<MarketBillReport> ReportAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, MarketBillFile file, int? version, CancellationToken ct)
    {
        var cadence = options.CurrentValue.Usage.Window is UsageWindow.Hourly ? UsageCadence.Hourly : UsageCadence.Daily;
        var (accepted, count, first) = await MarketBillDifferences.FindAsync(connection, transaction, file, cadence, ct);
        var billed = file.Lines.Sum(line => line.Amount);
        return new(
            file.Month.ToString("yyyy-MM", CultureInfo.InvariantCulture), version, file.Lines.Count, Of(billed), Of(accepted), Of(billed - accepted), count,
            [.. first.Select(d => new MarketBillDay(d.InstanceId, d.Day, Of(d.Accepted), Of(d.Billed), Of(d.Billed - d.Accepted), d.NotBilled))]);

        Money Of(decimal amount) => new(amount, deployment.Currency);
    }
}

internal sealed class PreviewMarketBillHandler(MarketBillReader reader, NpgsqlDataSource dataSource) : IQueryHandler<PreviewMarketBill, MarketBillReport>
{
    public async Task<MarketBillReport> Handle(PreviewMarketBill request, CancellationToken cancellationToken)
    {
        var file = reader.Read(request.Csv);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await reader.ReportAsync(connection, transaction: null, file, version: null, cancellationToken);
    }
}

internal sealed class ImportMarketBillHandler(MarketBillReader reader, UnitOfWork work, TimeProvider clock) : ICommandHandler<ImportMarketBill, MarketBillReport>
{
    private static readonly string Provider = CloudProvider.HuaweiCloud.Value;

    public async Task<MarketBillReport> Handle(ImportMarketBill request, CancellationToken cancellationToken)
    {
        var file = reader.Read(request.Csv);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(request.Csv));
        await using var find = work.Command(
            "select version, content_hash from cloud_accounts.market_bill where provider = $1 and month = $2 order by version desc limit 1", [Provider, file.Month]);
        var kept = await find.ReadAsync(row => (Version: row.GetInt32(0), Hash: row.GetFieldValue<byte[]>(1)), cancellationToken);
        var version = kept.Count > 0 ? kept[0].Version : 0;
        if (kept.Count == 0 || !kept[0].Hash.AsSpan().SequenceEqual(hash))
        {
            version++;
            await KeepAsync(file, version, hash, cancellationToken);
        }

        return await reader.ReportAsync(work.Connection, work.Transaction, file, version, cancellationToken);
    }

    private async Task KeepAsync(MarketBillFile file, int version, byte[] hash, CancellationToken ct)
    {
        await using var keep = work.Command(
            "insert into cloud_accounts.market_bill (provider, month, version, imported_at, content_hash, lines, total) values ($1, $2, $3, $4, $5, $6, $7)",
            [Provider, file.Month, version, clock.GetUtcNow(), hash, file.Lines.Count, file.Lines.Sum(line => line.Amount)]);
        await keep.ExecuteNonQueryAsync(ct);
        await using var lines = work.Command(
            """
            insert into cloud_accounts.market_bill_line (provider, month, version, line, instance_id, day, amount, metering_sn)
            select $1, $2, $3, l.* from unnest($4::int[], $5::text[], $6::date[], $7::numeric[], $8::text[]) as l
            """,
            [
                Provider,
                file.Month,
                version,
                file.Lines.Select(line => line.Line).ToArray(),
                file.Lines.Select(line => line.InstanceId).ToArray(),
                file.Lines.Select(line => line.Day).ToArray(),
                file.Lines.Select(line => line.Amount).ToArray(),
                file.Lines.Select(line => line.MeteringSn).ToArray(),
            ]);
        await lines.ExecuteNonQueryAsync(ct);
    }
}

internal static class ImportMarketBillEndpoint
{
    private const long FileBytesMax = 32 << 20;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/marketplace-bills", async (HttpRequest request, ICallers callers, IMediator mediator, CancellationToken ct, bool preview = false) =>
        {
            if (request.GetTypedHeaders().ContentType?.MediaType.Value is not "text/csv")
            {
                throw BillingRefusal.InvalidField("Content-Type", "content-type-invalid", "Send the market's monthly file as text/csv.");
            }

            using var body = new StreamReader(request.Body, Encoding.UTF8);
            var csv = await body.ReadToEndAsync(ct);
            return TypedResults.Ok(preview ? await mediator.Send(new PreviewMarketBill(csv), ct) : await mediator.Send(new ImportMarketBill(csv, callers.Current.By), ct));
        })
        .ForOperatorsTo<ImportMarketBill>().Idempotent().Refuses("content-type-invalid", "market-bill-invalid")
        .Accepts<string>("text/csv").WithMetadata(new RequestSizeLimitAttribute(FileBytesMax))
        .WithTags("Operator").WithSummary("Import the market's monthly file; ?preview=true only compares it with what the market had taken");
}
