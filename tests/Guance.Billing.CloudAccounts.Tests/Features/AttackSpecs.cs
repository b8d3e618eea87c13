using CsCheck;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>Calls that name what does not exist, or that are not the market's, change nothing that is kept.</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class AttackSpecs(MarketFixture market)
{
    private static readonly string[] Activities = ["queryInstance", "refreshInstance", "updateInstanceStatus", "releaseInstance", "upgradeInstance", "changeInstanceCheck", "dropEverything"];

    [Fact]
    public async Task A_forged_or_unknown_instance_is_answered_and_leaves_no_fact_behind()
    {
        var (instanceId, _) = await market.BuyAsync();
        var before = await FactsAsync();
        await Gen.Select(Gen.OneOfConst(Activities), Gen.Bool, Gen.OneOf(Gen.String[Gen.Char["abcdef0123456789-_'\";%\\ "], 1, 64], Gen.Const("x,y,z"), Gen.Const("huawei-cloud/" + instanceId)), Gen.OneOfConst("FREEZE", "UNFREEZE", "OFF"))
            .SampleAsync(
                async (activity, isForged, unknownId, status) =>
                {
                    // Signed well, about an instance that nobody has; or about one that somebody has, signed by somebody else.
                    var answer = await market.CallAsync(
                        new
                        {
                            activity, instanceId = isForged ? instanceId : unknownId, orderId = "CS-forged", orderLineId = "CS-forged-000001", scene = "RENEWAL", expireTime = "20301124023618", status,
                            productInfo = new { productId = "p" },
                        },
                        nonce: Guid.CreateVersion7().ToString("N"),
                        key: isForged ? "not-the-sellers-key" : "dev-seller-access-key");
                    answer.Code().ShouldBeOneOf(isForged ? ["000001"] : ["000002", "000003"]);
                },
                iter: 300, threads: 2);

        (await FactsAsync()).ShouldBe(before);
        (await market.RunningAsync(instanceId)).Text("status").ShouldBe("running");
    }

    private async Task<int> FactsAsync()
    {
        await using var session = market.BillingCenter.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return await session.Events.QueryAllRawEvents().CountAsync(TestContext.Current.CancellationToken);
    }
}
