using System.Buffers;
using System.IO.Compression;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Guance.Billing.Workspaces.Features;

/// <summary>
/// Take usage events: each is accepted once, is a duplicate, or is put into quarantine with its reason (rules §7). Sent again, whole or in
/// part, nothing is counted twice.
/// </summary>
/// <remarks>Refusals: <c>item-catalog-missing</c>.</remarks>
/// <param name="Batch">The events.</param>
internal sealed record IngestUsage(UsageBatch Batch) : ICommand<UsageTaken>;

internal sealed class IngestUsageHandler(UsageIntake intake, UsageQuarantine quarantine) : ICommandHandler<IngestUsage, UsageTaken>
{
    public async Task<UsageTaken> Handle(IngestUsage request, CancellationToken cancellationToken)
    {
        var taken = await intake.TakeAsync(request.Batch, cancellationToken);
        await quarantine.KeepAsync(request.Batch, taken.Codes, cancellationToken);
        return taken;
    }
}

internal static class IngestUsageEndpoint
{
    /// <summary>The largest body, as it comes and decompressed.</summary>
    private const int BodyBytesMax = 16 << 20;
    private const int BufferBytes = 256 << 10;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/usage", async (HttpRequest request, IMediator mediator, CancellationToken ct) =>
        {
            var isLines = IsLines(request);
            var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(request.ContentLength + 1 ?? BufferBytes, BufferBytes, BodyBytesMax));
            try
            {
                var length = 0;
                await using var body = Decoded(request);
                while (await ReadAsync(body, buffer, length, ct) is > 0 and var read)
                {
                    length += read;
                    if (length > BodyBytesMax)
                    {
                        throw new BadHttpRequestException("decompressed", StatusCodes.Status413PayloadTooLarge);
                    }

                    if (length == buffer.Length)
                    {
                        buffer = Longer(buffer);
                    }
                }

                using var batch = UsageBatch.Read(buffer.AsMemory(0, length), isLines);
                return TypedResults.Ok(Answer.Of(await mediator.Send(new IngestUsage(batch), ct)));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        })
        .Accepts<Event[]>("application/json", "application/x-ndjson")
        .WithMetadata(new RequestSizeLimitAttribute(BodyBytesMax))
        .ForClients(Scopes.UsageWrite)
        .Refuses("body-unreadable", "events-missing", "too-many-events", "content-encoding-unknown", "item-catalog-missing", "body-too-large")
        .WithSummary("Usage events of this site's workspaces, 1 to 10,000, as a JSON array or NDJSON, gzip if you like. Safe to repeat: events are known by workspace and id.");

    private static bool IsLines(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType.Value switch
        {
            "application/json" => false,
            "application/x-ndjson" => true,
            _ => throw new BadHttpRequestException("media type", StatusCodes.Status415UnsupportedMediaType),
        }
        : throw new BadHttpRequestException("media type", StatusCodes.Status415UnsupportedMediaType);

    private static Stream Decoded(HttpRequest request) => request.Headers.ContentEncoding.ToString() switch
    {
        "" or "identity" => request.Body,
        "gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
        _ => throw new BillingRefusal(RefusalKind.Invalid, "content-encoding-unknown", "Send the body as it is, or with Content-Encoding: gzip."),
    };

    private static async ValueTask<int> ReadAsync(Stream body, byte[] buffer, int length, CancellationToken ct)
    {
        try
        {
            return await body.ReadAsync(buffer.AsMemory(length), ct);
        }
        catch (InvalidDataException)
        {
            throw new BillingRefusal(RefusalKind.Invalid, "body-unreadable", "The body cannot be read: it is not the gzip that Content-Encoding says. Nothing of it was taken.");
        }
    }

    private static byte[] Longer(byte[] buffer)
    {
        var longer = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(longer, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return longer;
    }

    /// <summary>An event, for the API reference; bodies are read without it.</summary>
    /// <param name="Id">The agent's own id of the event, unique in the workspace for ever; at most 256 bytes.</param>
    /// <param name="WorkspaceId">A workspace of this site.</param>
    /// <param name="Item">The item's code in the price book.</param>
    /// <param name="Quantity">What was counted, or a gauge's sample; not negative, at most 6 decimals.</param>
    /// <param name="Time">When, with an offset.</param>
    /// <param name="RetentionDays">How long the data is kept; the item's default where it is left out, of no account where the item has one price.</param>
    internal sealed record Event(string Id, string WorkspaceId, string Item, decimal Quantity, DateTimeOffset Time, int? RetentionDays);

    internal sealed record Answer(int Accepted, int Duplicates, IReadOnlyList<Quarantined> Quarantined)
    {
        public static Answer Of(UsageTaken taken) => new(
            taken.Accepted,
            taken.Duplicates,
            taken.Accepted + taken.Duplicates == taken.Codes.Count ? [] : [.. taken.Codes.Index().Where(e => e.Item is not null).Select(e => new Quarantined(e.Index, e.Item!))]);
    }

    /// <summary>An event that was set aside.</summary>
    /// <param name="Index">Its place in the request, from 0.</param>
    /// <param name="Code">Why.</param>
    internal sealed record Quarantined(int Index, string Code);
}
