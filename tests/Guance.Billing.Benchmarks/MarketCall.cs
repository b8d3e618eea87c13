using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Jobs;
using HuaweiCloud.Marketplace;
using Marten;

namespace Guance.Billing.Benchmarks;

/// <summary>A signed newInstance for an order of its own, ready to be sent.</summary>
internal sealed class MarketCall
{
    private const string AccessKey = "bench-seller-access-key";

    public MarketCall(string orderId, DateTimeOffset now)
    {
        (OrderId, OrderLineId, SignedAt) = (orderId, orderId + "-000001", now);
        (BusinessId, Nonce) = (Ids.DeterministicGuid("business", orderId).ToString(), Ids.DeterministicGuid("nonce", orderId).ToString());
        Body = MarketplaceCanonicalJson.Canonicalize(JsonSerializer.SerializeToUtf8Bytes(
            new { activity = "newInstance", orderId, orderLineId = OrderLineId, businessId = BusinessId }))!; // it is an object
        var timestamp = now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        Address = new($"/marketplace/huawei/v2/produce?signature={MarketplaceSignature.Make(AccessKey, timestamp, Nonce, Body)}&timestamp={timestamp}&nonce={Nonce}", UriKind.Relative);
    }

    /// <summary>Of the Billing Center that takes it.</summary>
    public static IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["HuaweiMarketplace:ApiBaseUrl"] = "http://127.0.0.1:1",
        ["HuaweiMarketplace:AccessKey"] = AccessKey,
        ["HuaweiMarketplace:Iam:AccessKeyId"] = "bench-ak",
        ["HuaweiMarketplace:Iam:SecretAccessKey"] = "bench-sk",
        ["Serilog:MinimumLevel:Default"] = "Error",
    };

    private string OrderId { get; }

    private string OrderLineId { get; }

    private string BusinessId { get; }

    private string Nonce { get; }

    private DateTimeOffset SignedAt { get; }

    private byte[] Body { get; }

    private Uri Address { get; }

    /// <summary>As the market sends it, over HTTP.</summary>
    /// <exception cref="InvalidOperationException">It was not taken.</exception>
    public async ValueTask SendAsync(HttpClient client, CancellationToken ct)
    {
        using var content = new ByteArrayContent(Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await client.PostAsync(Address, content, ct);
        var text = await answer.Content.ReadAsStringAsync(ct);
        if (answer.StatusCode is not HttpStatusCode.OK || !text.Contains(MarketplaceResultCodes.Processing, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{(int)answer.StatusCode} {text}");
        }
    }

    /// <summary>Raw Marten: what the Billing Center keeps of a call, in one commit.</summary>
    public async ValueTask StoreAsync(IDocumentStore store, CancellationToken ct)
    {
        var id = SubscriptionKey.Of(CloudProvider.HuaweiCloud, OrderId, OrderLineId);
        await using var session = store.LightweightSession();
        session.Events.StartStream<CloudSubscription>(id.Value, new SubscriptionRequested(CloudProvider.HuaweiCloud, OrderId, OrderLineId, BusinessId, SignedAt));
        session.Store(PendingOrder.For(id, OrderId, OrderLineId, OrderPurpose.Purchase, SignedAt));
        session.QueueSqlCommand("insert into cloud_accounts.nonce (nonce, remembered_until) values (?, ?) on conflict do nothing", Nonce, SignedAt.AddMinutes(2));
        await session.SaveChangesAsync(ct);
    }
}
