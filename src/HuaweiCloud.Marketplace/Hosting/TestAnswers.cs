using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace;

/// <summary>Answers to debugging calls: they create nothing, succeed for ids that do not exist, and are the same every time, because
/// the marketplace replays its saved cases twice a day (protocol §0.9, §4.2).</summary>
internal static class TestAnswers
{
    public static MarketplaceResult To(MarketplaceRequest request, HuaweiMarketplaceOptions settings, DateTimeOffset now)
    {
        var appInfo = new ApplicationInfo(settings.TestFrontEndUrl);
        return request switch
        {
            NewInstanceRequest r => NewInstanceResult.Created(InstanceId(r.IdempotencyKey), appInfo),
            QueryInstanceRequest r => QueryInstanceResult.Found([.. r.InstanceIds.Select(id => new InstanceInfo(id, appInfo, [new UsageInfo(0, now)]))]),
            _ => MarketplaceResult.Success,
        };
    }

    private static string InstanceId(string key) => "test-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));
}
