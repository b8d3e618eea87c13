using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static HuaweiCloud.Marketplace.Tests.Vectors;
using Codes = HuaweiCloud.Marketplace.MarketplaceResultCodes;

namespace HuaweiCloud.Marketplace.Tests;

public sealed class EndpointV2Tests : IAsyncLifetime
{
    private const string New = """{"activity":"newInstance","businessId":"b-1","orderId":"CS1","orderLineId":"CS1-000001"}""";
    private SellerHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SellerHost.StartAsync(null, ("AccessKeyPrevious", "previous-key"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_pages_sample_call_succeeds_as_a_test_call()
    {
        var answer = await _host.PostAsync($"{SellerHost.V2Path}?signature={Signature}&timestamp={Timestamp}&nonce={Nonce}", Utf8(Body));

        answer.ShouldBeOfTheProtocol(Codes.Success);
        answer.Json.GetProperty("instanceId").GetString().ShouldNotBeNullOrEmpty();
        _host.Seller.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task NewInstance_reaches_the_seller_with_its_circumstances_and_answers_the_instance_id()
    {
        var answer = await _host.PostAsync(_host.SignedV2(Utf8(New), late: TimeSpan.FromSeconds(3)), Utf8(New));

        answer.ShouldBeOfTheProtocol(Codes.Success);
        Encoding.UTF8.GetString(answer.Bytes).ShouldBe("""{"resultCode":"000000","resultMsg":"success","instanceId":"b-1"}""");
        var request = _host.Seller.Only<NewInstanceRequest>();
        (request.OrderId, request.OrderLineId, request.BusinessId, request.Facts, request.IdempotencyKey).ShouldBe(("CS1", "CS1-000001", "b-1", null, "CS1/CS1-000001"));
        var now = _host.Clock.GetUtcNow();
        _host.Seller.Seen.Single().Call.ShouldBe(new MarketplaceCall(now, now.AddSeconds(-3), MarketplaceProtocolVersion.V2, IsTest: false));
    }

    [Fact]
    public async Task NewInstance_still_in_work_answers_processing_with_the_instance_id()
    {
        _host.Seller.Instead = (_, _) => Task.FromResult<MarketplaceResult?>(NewInstanceResult.Accepted("i-1"));

        (await _host.CallV2Async(New)).ShouldBeOfTheProtocol(Codes.Processing).Json.GetProperty("instanceId").GetString().ShouldBe("i-1");
    }

    [Fact]
    public async Task The_old_fat_body_is_read_with_its_facts()
    {
        (await _host.CallV2Async("""
            {"activity":"newInstance","buyerInfo":{"customerId":"c-1","customerName":"n","userId":"u","userName":"un","mobilePhone":"13800000000","email":"a@b.c"},
             "orderInfo":[{"businessId":"b-1","orderId":"CS1","trialFlag":"0","orderAmount":"13.40","chargingMode":"PERIOD","periodType":"month","periodNumber":2,
             "provisionType":1,"productInfo":[{"skuCode":"sku","productId":"p","linearValue":5}],"createTime":"20221124023618","expireTime":"20221224023618256",
             "extendParams":[{"name":"ip","value":"10.0.0.1"}],"novel":1}],"testFlag":"0","surplus":true}
            """)).ShouldBeOfTheProtocol(Codes.Success);

        var request = _host.Seller.Only<NewInstanceRequest>();
        (request.OrderId, request.OrderLineId, request.BusinessId, request.IdempotencyKey).ShouldBe(("CS1", null, "b-1", "CS1/p"));
        var facts = request.Facts.ShouldNotBeNull();
        (facts.ChargingMode, facts.PeriodType, facts.PeriodNumber, facts.OrderAmount, facts.IsTrial, facts.ProvisionType).ShouldBe(("PERIOD", "month", 2, 13.40m, false, "1"));
        facts.CreatedAt.ShouldBe(new DateTimeOffset(2022, 11, 24, 2, 36, 18, TimeSpan.Zero));
        facts.ExpiresAt.ShouldBe(new DateTimeOffset(2022, 12, 24, 2, 36, 18, 256, TimeSpan.Zero));
        facts.Products.ShouldBe([new OrderProduct("p", "sku", 5m)]);
        facts.ExtendParams.ShouldBe([new OrderExtendParam("ip", "10.0.0.1")]);
        facts.Buyer.ShouldNotBeNull().Email.ShouldBe("a@b.c");
        request.UnknownFields.Keys.ShouldBe(["surplus", "orderInfo[0].novel"], ignoreOrder: true);
    }

    [Fact]
    public async Task QueryInstance_tells_of_every_instance_asked()
    {
        var ids = Enumerable.Range(0, 100).Select(i => $"{i:D64}").ToArray();

        var answer = (await _host.CallV2Async($$"""{"activity":"queryInstance","instanceId":"{{string.Join(',', ids)}}"}""")).ShouldBeOfTheProtocol(Codes.Success);

        _host.Seller.Only<QueryInstanceRequest>().InstanceIds.ShouldBe(ids);
        answer.Json.GetProperty("info").EnumerateArray().Select(info => info.GetProperty("instanceId").GetString()).ShouldBe(ids);
        var first = answer.Json.GetProperty("info")[0];
        var app = first.GetProperty("appInfo");
        app.EnumerateObject().Select(p => (p.Name, p.Value.GetString())).ShouldBe([
            ("frontEndUrl", "https://app.example.com/?a=1&b=2"), ("adminUrl", "https://admin.example.com/"), ("userName", "admin@example.com"),
            ("password", "s3cret+pass"), ("memo", "备注 <memo>")]);
        first.GetProperty("usageInfo").GetRawText().ShouldBe("""[{"relatedInstanceId":"related","usageValue":12.5,"statisticalTime":"20230403074746618"}]""");
        Encoding.UTF8.GetString(answer.Bytes).ShouldContain("\\u5907\\u6CE8");
        answer.Json.TryGetProperty("encryptType", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task QueryInstance_of_an_unknown_id_answers_the_sellers_code()
    {
        _host.Seller.Instead = (_, _) => Task.FromResult<MarketplaceResult?>(QueryInstanceResult.Refused(Codes.InstanceNotFound, "no such instance"));

        (await _host.CallV2Async("""{"activity":"queryInstance","instanceId":"i-1"}""")).ShouldRefuse(Codes.InstanceNotFound, "no such instance");
    }

    [Theory]
    [InlineData("TRIAL_TO_FORMAL", RefreshScene.TrialToFormal, "20221124023618", 0)]
    [InlineData("RENEWAL", RefreshScene.Renewal, "20221124023618256", 256)]
    [InlineData("UNSUBSCRIBE_RENEWAL_PERIOD", RefreshScene.UnsubscribeRenewalPeriod, "20221124023618", 0)]
    [InlineData("RENEWAL_CHANGE", RefreshScene.RenewalChange, "20221124023618000", 0)]
    public async Task RefreshInstance_sets_an_absolute_expiry_of_14_or_17_digits(string scene, RefreshScene expected, string expireTime, int milliseconds)
    {
        (await _host.CallV2Async($$"""
            {"activity":"refreshInstance","scene":"{{scene}}","orderId":"CS2","orderLineId":"CS2-000001","instanceId":"i-1","productId":"p","expireTime":"{{expireTime}}"}
            """)).ShouldBeOfTheProtocol(Codes.Success);

        var request = _host.Seller.Only<RefreshInstanceRequest>();
        (request.InstanceId, request.Scene, request.OrderId, request.OrderLineId, request.ProductId, request.ExpiresAt).ShouldBe(
            ("i-1", expected, "CS2", "CS2-000001", "p", new DateTimeOffset(2022, 11, 24, 2, 36, 18, milliseconds, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("FREEZE", InstanceStatus.Freeze)]
    [InlineData("UNFREEZE", InstanceStatus.Unfreeze)]
    [InlineData("NORMAL", InstanceStatus.Unfreeze)]
    public async Task UpdateInstanceStatus_freezes_and_unfreezes(string status, InstanceStatus expected)
    {
        (await _host.CallV2Async($$"""{"activity":"updateInstanceStatus","instanceId":"i-1","status":"{{status}}"}""")).ShouldBeOfTheProtocol(Codes.Success);

        var request = _host.Seller.Only<UpdateInstanceStatusRequest>();
        (request.InstanceId, request.Status).ShouldBe(("i-1", expected));
    }

    [Fact]
    public async Task ReleaseInstance_carries_the_refund_order_when_there_is_one()
    {
        (await _host.CallV2Async("""{"activity":"releaseInstance","instanceId":"i-1","orderId":null,"orderLineId":""}""")).ShouldBeOfTheProtocol(Codes.Success);
        (await _host.CallV2Async("""{"activity":"releaseInstance","instanceId":"i-1","orderId":"CS3","orderLineId":"CS3-000001"}""")).ShouldBeOfTheProtocol(Codes.Success);

        _host.Seller.Seen.Select(seen => (ReleaseInstanceRequest)seen.Request).Select(r => (r.InstanceId, r.OrderId, r.OrderLineId))
            .ShouldBe([("i-1", null, null), ("i-1", "CS3", "CS3-000001")]);
    }

    [Fact]
    public async Task UpgradeInstance_ChangeInstanceCheck_and_OrderNotify_reach_the_seller()
    {
        (await _host.CallV2Async("""{"activity":"upgradeInstance","instanceId":"i-1","orderId":"CS4","orderLineId":"CS4-000001"}""")).ShouldBeOfTheProtocol(Codes.Success);
        (await _host.CallV2Async("""{"activity":"changeInstanceCheck","instanceId":"i-1","productInfo":{"productId":"p","skuCode":"s","linearValue":"7","extra":{"a":1}}}""")).ShouldBeOfTheProtocol(Codes.Success);
        (await _host.CallV2Async("""{"activity":"orderNotify","orderId":"CS5","orderLineId":"CS5-000001","testFlag":0}""")).ShouldBeOfTheProtocol(Codes.Success);

        var seen = _host.Seller.Seen.Select(s => s.Request).ToArray();
        var upgrade = seen[0].ShouldBeOfType<UpgradeInstanceRequest>();
        (upgrade.InstanceId, upgrade.OrderId, upgrade.OrderLineId).ShouldBe(("i-1", "CS4", "CS4-000001"));
        var check = seen[1].ShouldBeOfType<ChangeInstanceCheckRequest>();
        (check.InstanceId, check.Target).ShouldBe(("i-1", new OrderProduct("p", "s", 7m)));
        check.UnknownFields.ShouldBe([KeyValuePair.Create("productInfo.extra", """{"a":1}""")]);
        var notify = seen[2].ShouldBeOfType<OrderNotifyRequest>();
        (notify.OrderId, notify.OrderLineId, notify.IsTest).ShouldBe(("CS5", "CS5-000001", false));
    }

    [Fact]
    public async Task A_refusal_of_the_seller_is_passed_on_cut_at_255_characters()
    {
        _host.Seller.Instead = (_, _) => Task.FromResult<MarketplaceResult?>(new MarketplaceResult(Codes.InternalError, new string('x', 300)));

        (await _host.CallV2Async("""{"activity":"changeInstanceCheck","instanceId":"i-1","productInfo":{}}""")).ShouldRefuse(Codes.InternalError, "xxx").Message!.Length.ShouldBe(255);
    }

    public static TheoryData<string> EveryActivity => [
        """{"activity":"newInstance","businessId":"b","orderId":"CS1","orderLineId":"L","testFlag":"1"}""",
        """{"activity":"queryInstance","instanceId":"unknown-1,unknown-2","testFlag":"1"}""",
        """{"activity":"refreshInstance","scene":"RENEWAL","orderId":"CS1","orderLineId":"L","instanceId":"unknown","expireTime":"20221124023618","testFlag":"1"}""",
        """{"activity":"updateInstanceStatus","instanceId":"unknown","status":"FREEZE","testFlag":"1"}""",
        """{"activity":"releaseInstance","instanceId":"unknown","testFlag":"1"}""",
        """{"activity":"upgradeInstance","instanceId":"unknown","orderId":"CS1","orderLineId":"L","testFlag":"1"}""",
        """{"activity":"changeInstanceCheck","instanceId":"unknown","productInfo":{},"testFlag":1}""",
        """{"activity":"orderNotify","orderId":"CS1","orderLineId":"L","testFlag":"1"}"""];

    [Theory]
    [MemberData(nameof(EveryActivity))]
    public async Task A_test_call_succeeds_every_time_alike_and_never_reaches_the_seller(string body)
    {
        var first = (await _host.CallV2Async(body)).ShouldBeOfTheProtocol(Codes.Success);
        var second = (await _host.CallV2Async(body)).ShouldBeOfTheProtocol(Codes.Success);

        second.Bytes.ShouldBe(first.Bytes);
        _host.Seller.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_test_call_is_checked_like_a_real_one()
    {
        (await _host.CallV2Async("""{"activity":"newInstance","businessId":"b","orderId":"CS1","testFlag":"1"}""")).ShouldRefuse(Codes.InvalidParameter, "orderLineId");
        (await _host.CallV2Async(Body, "wrong-key")).ShouldRefuse(Codes.AuthenticationFailed, "signature");
    }

    [Theory]
    [InlineData("""{"orderId":"CS1"}""", "activity is missing")]
    [InlineData("""{"activity":"expireInstance","instanceId":"i"}""", "activity")]
    [InlineData("""{"activity":"NEWINSTANCE"}""", "activity")]
    [InlineData("""{"activity":["newInstance"]}""", "activity")]
    [InlineData("""{"activity":"newInstance","businessId":"b","orderId":"","orderLineId":"L"}""", "orderId is missing")]
    [InlineData("""{"activity":"newInstance","businessId":"b","orderId":{},"orderLineId":"L"}""", "orderId")]
    [InlineData("""{"activity":"newInstance","businessId":"b","orderId":"a\u0000b","orderLineId":"L"}""", "orderId")]
    [InlineData("""{"activity":"newInstance","businessId":"b","orderId":"a\ud800b","orderLineId":"L"}""", "body")]
    [InlineData("""{"activity":"newInstance","orderId":"CS1","orderLineId":"L"}""", "businessId is missing")]
    [InlineData("""{"activity":"newInstance","orderInfo":[]}""", "orderInfo")]
    [InlineData("""{"activity":"newInstance","orderInfo":[{"orderId":"CS1"}]}""", "orderInfo[0].businessId is missing")]
    [InlineData("""{"activity":"queryInstance"}""", "instanceId is missing")]
    [InlineData("""{"activity":"queryInstance","instanceId":" , ,"}""", "instanceId is missing")]
    [InlineData("""{"activity":"refreshInstance","scene":"RENEWAL","orderId":"O","orderLineId":"L","instanceId":"i"}""", "expireTime is missing")]
    [InlineData("""{"activity":"refreshInstance","scene":"RENEWAL","orderId":"O","orderLineId":"L","instanceId":"i","expireTime":"2022-11-24"}""", "expireTime")]
    [InlineData("""{"activity":"refreshInstance","scene":"RENEWAL","orderId":"O","orderLineId":"L","instanceId":"i","expireTime":"20221324023618"}""", "expireTime")]
    [InlineData("""{"activity":"refreshInstance","scene":"SOMETHING","orderId":"O","orderLineId":"L","instanceId":"i","expireTime":"20221124023618"}""", "scene")]
    [InlineData("""{"activity":"updateInstanceStatus","instanceId":"i","status":"FROZEN"}""", "status")]
    [InlineData("""{"activity":"releaseInstance"}""", "instanceId is missing")]
    [InlineData("""{"activity":"upgradeInstance","instanceId":"i","orderLineId":"L"}""", "orderId is missing")]
    [InlineData("""{"activity":"changeInstanceCheck","instanceId":"i"}""", "productInfo")]
    [InlineData("""{"activity":"changeInstanceCheck","instanceId":"i","productInfo":"p"}""", "productInfo")]
    [InlineData("""{"activity":"changeInstanceCheck","instanceId":"i","productInfo":{"linearValue":"many"}}""", "productInfo.linearValue")]
    [InlineData("""{"activity":"orderNotify","orderId":"CS1"}""", "orderLineId is missing")]
    [InlineData("""{"activity":"releaseInstance","instanceId":"i","testFlag":"yes"}""", "testFlag")]
    [InlineData("", "body")]
    [InlineData("not json", "body")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("{\"activity\":\"releaseInstance\",\"instanceId\":\"i\"} x", "body")]
    [InlineData("""{"activity":"releaseInstance","instanceId":"i","instanceId":"j"}""", "body")]
    [InlineData("""{"activity":"releaseInstance","instanceId":"i","x":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}""", "body")]
    public async Task A_wrong_field_is_refused_by_its_name(string body, string name)
    {
        (await _host.CallV2Async(body)).ShouldRefuse(Codes.InvalidParameter, name);
        _host.Seller.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("newInstance", "orderId", 64)]
    [InlineData("newInstance", "orderLineId", 64)]
    [InlineData("newInstance", "businessId", 64)]
    [InlineData("refreshInstance", "orderId", 64)]
    [InlineData("refreshInstance", "orderLineId", 64)]
    [InlineData("refreshInstance", "instanceId", 64)]
    [InlineData("refreshInstance", "productId", 64)]
    [InlineData("updateInstanceStatus", "instanceId", 64)]
    [InlineData("releaseInstance", "instanceId", 64)]
    [InlineData("releaseInstance", "orderId", 64)]
    [InlineData("releaseInstance", "orderLineId", 64)]
    [InlineData("upgradeInstance", "instanceId", 64)]
    [InlineData("upgradeInstance", "orderId", 64)]
    [InlineData("upgradeInstance", "orderLineId", 64)]
    [InlineData("changeInstanceCheck", "instanceId", 64)]
    [InlineData("orderNotify", "orderId", 64)]
    [InlineData("orderNotify", "orderLineId", 64)]
    public async Task A_field_may_be_as_long_as_documented_and_no_longer(string activity, string name, int maxLength)
    {
        var fields = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["activity"] = activity, ["orderId"] = "O", ["orderLineId"] = "L", ["businessId"] = "b", ["instanceId"] = "i", ["productId"] = "p",
            ["scene"] = "RENEWAL", ["expireTime"] = "20221124023618", ["status"] = "FREEZE", ["productInfo"] = new { },
        };

        fields[name] = new string('x', maxLength);
        (await _host.CallV2Async(System.Text.Json.JsonSerializer.Serialize(fields))).ShouldBeOfTheProtocol(Codes.Success);
        fields[name] = new string('x', maxLength + 1);
        (await _host.CallV2Async(System.Text.Json.JsonSerializer.Serialize(fields))).ShouldRefuse(Codes.InvalidParameter, $"{name} is longer than {maxLength} characters");
    }

    [Fact]
    public async Task QueryInstance_takes_100_ids_of_64_characters_and_no_more()
    {
        (await _host.CallV2Async($$"""{"activity":"queryInstance","instanceId":"{{string.Join(',', Enumerable.Range(0, 101))}}"}""")).ShouldRefuse(Codes.InvalidParameter, "instanceId");
        (await _host.CallV2Async($$"""{"activity":"queryInstance","instanceId":"a,{{new string('x', 65)}}"}""")).ShouldRefuse(Codes.InvalidParameter, "instanceId");
    }

    [Fact]
    public async Task Unknown_fields_are_kept_and_logged_by_name_only()
    {
        (await _host.CallV2Async("""{"activity":"newInstance","businessId":"b","orderId":7,"orderLineId":"L","mobilePhone":"13800000000","novel":{"a":[1]}}""")).ShouldBeOfTheProtocol(Codes.Success);

        var request = _host.Seller.Only<NewInstanceRequest>();
        request.OrderId.ShouldBe("7", "numbers pass for strings");
        request.UnknownFields["novel"].ShouldBe("""{"a":[1]}""");
        _host.Logs.Text.ShouldContain("novel");
        _host.Logs.Text.ShouldNotContain("13800000000");
    }

    [Fact]
    public async Task Signature_over_the_canonical_form_of_a_spaced_body_is_accepted()
    {
        var sent = Utf8("""{ "testFlag" : null, "orderLineId": "L", "orderId": "CS1", "businessId": "b", "activity": "newInstance" }""");
        var signed = Utf8("""{"activity":"newInstance","businessId":"b","orderId":"CS1","orderLineId":"L"}""");

        (await _host.PostAsync(_host.SignedV2(signed), sent)).ShouldBeOfTheProtocol(Codes.Success);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(-60, true)]
    [InlineData(60.001, false)]
    [InlineData(-60.001, false)]
    public async Task A_timestamp_may_be_60_seconds_from_now_either_way(double lateSeconds, bool accepted)
    {
        var answer = await _host.PostAsync(_host.SignedV2(Utf8(New), late: TimeSpan.FromSeconds(lateSeconds)), Utf8(New));

        if (accepted) answer.ShouldBeOfTheProtocol(Codes.Success);
        else answer.ShouldRefuse(Codes.InvalidParameter, "timestamp");
        _host.Seller.Seen.Count.ShouldBe(accepted ? 1 : 0);
    }

    [Fact]
    public async Task A_timestamp_of_ten_digits_is_in_seconds()
    {
        var timestamp = Timestamp[..10];
        var signature = MarketplaceSignature.Make(Key, timestamp, "n", Utf8(New));

        (await _host.PostAsync($"{SellerHost.V2Path}?signature={signature}&timestamp={timestamp}&nonce=n", Utf8(New))).ShouldBeOfTheProtocol(Codes.Success);
    }

    [Theory]
    [InlineData("", Codes.InvalidParameter, "timestamp")]
    [InlineData("signature=S&nonce=n", Codes.InvalidParameter, "timestamp")]
    [InlineData("signature=S&timestamp=&nonce=n", Codes.InvalidParameter, "timestamp")]
    [InlineData("signature=S&timestamp=soon&nonce=n", Codes.InvalidParameter, "timestamp")]
    [InlineData("signature=S&timestamp=16805080666180&nonce=n", Codes.InvalidParameter, "timestamp")]
    [InlineData("signature=S&timestamp=-168050806661&nonce=n", Codes.InvalidParameter, "timestamp")]
    [InlineData("signature=S&timestamp=T", Codes.InvalidParameter, "nonce")]
    [InlineData("signature=S&timestamp=T&nonce=", Codes.InvalidParameter, "nonce")]
    [InlineData("signature=S&timestamp=T&nonce=LONG", Codes.InvalidParameter, "nonce")]
    [InlineData("signature=S&timestamp=T&timestamp=T&nonce=n", Codes.InvalidParameter, "twice")]
    [InlineData("timestamp=T&nonce=n", Codes.AuthenticationFailed, "signature is missing")]
    [InlineData("signature=&timestamp=T&nonce=n", Codes.AuthenticationFailed, "signature is missing")]
    [InlineData("signature=zz&timestamp=T&nonce=n", Codes.AuthenticationFailed, "signature is wrong")]
    [InlineData("signature=%ff%fe&timestamp=T&nonce=n", Codes.AuthenticationFailed, "signature is wrong")]
    [InlineData("signature=S&timestamp=T&nonce=other", Codes.AuthenticationFailed, "signature is wrong")]
    public async Task Timestamp_and_nonce_are_asked_for_before_the_signature(string query, string code, string text)
    {
        query = query.Replace("T", Timestamp).Replace("LONG", new string('n', 129)).Replace("S", MarketplaceSignature.Make(Key, Timestamp, "n", Utf8(New)));

        (await _host.PostAsync($"{SellerHost.V2Path}?{query}", Utf8(New))).ShouldRefuse(code, text);
        _host.Seller.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_call_played_again_is_refused_and_a_retry_with_a_new_nonce_is_not()
    {
        var address = _host.SignedV2(Utf8(New), nonce: "once");

        (await _host.PostAsync(address, Utf8(New))).ShouldBeOfTheProtocol(Codes.Success);
        (await _host.PostAsync(address, Utf8(New))).ShouldRefuse(Codes.InvalidParameter, "nonce was used before");
        (await _host.PostAsync(_host.SignedV2(Utf8(New), nonce: "twice"), Utf8(New))).ShouldBeOfTheProtocol(Codes.Success);
        _host.Seller.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_nonce_is_remembered_as_long_as_its_timestamp_can_pass()
    {
        var address = _host.SignedV2(Utf8(New), nonce: "early", late: TimeSpan.FromSeconds(-60));
        (await _host.PostAsync(address, Utf8(New))).ShouldBeOfTheProtocol(Codes.Success);

        _host.Clock.Advance(TimeSpan.FromSeconds(120));
        (await _host.PostAsync(address, Utf8(New))).ShouldRefuse(Codes.InvalidParameter, "nonce was used before");
    }

    [Fact]
    public async Task Of_the_same_call_arriving_many_times_at_once_one_reaches_the_seller()
    {
        var address = _host.SignedV2(Utf8(New), nonce: "crowd");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _host.PostAsync(address, Utf8(New))));

        answers.Count(answer => answer.Code == Codes.Success).ShouldBe(1);
        _host.Seller.Seen.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_forged_call_does_not_use_up_the_nonce()
    {
        (await _host.PostAsync(_host.SignedV2(Utf8(New), "wrong-key", nonce: "n"), Utf8(New))).ShouldRefuse(Codes.AuthenticationFailed, "signature");
        (await _host.PostAsync(_host.SignedV2(Utf8(New), nonce: "n"), Utf8(New))).ShouldBeOfTheProtocol(Codes.Success);
    }

    [Fact]
    public async Task While_keys_are_changed_either_key_is_accepted_and_signs_its_answer()
    {
        (await _host.CallV2Async(New)).ShouldBeOfTheProtocol(Codes.Success, Key);
        (await _host.CallV2Async(New, "previous-key")).ShouldBeOfTheProtocol(Codes.Success, "previous-key");
        (await _host.CallV2Async("[]", "previous-key")).ShouldBeOfTheProtocol(Codes.InvalidParameter, "previous-key");
        (await _host.CallV2Async(New, "key-before-that")).ShouldBeOfTheProtocol(Codes.AuthenticationFailed, Key);
    }

    [Theory]
    [InlineData("text/plain", Codes.InvalidParameter)]
    [InlineData("application/x-www-form-urlencoded", Codes.InvalidParameter)]
    [InlineData("multipart/form-data; boundary=x", Codes.InvalidParameter)]
    [InlineData("complete nonsense", Codes.InvalidParameter)]
    [InlineData("application/json", Codes.Success)]
    [InlineData("Application/JSON; charset=UTF-8", Codes.Success)]
    [InlineData("application/json;charset=utf8", Codes.Success)]
    [InlineData(null, Codes.Success)]
    public async Task Only_JSON_is_read_however_its_charset_is_spelt(string? contentType, string code) =>
        (await _host.PostAsync(_host.SignedV2(Utf8(New)), Utf8(New), contentType)).ShouldBeOfTheProtocol(code);

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Any_other_method_gets_an_answer_of_the_protocol(string method) =>
        (await _host.SendAsync(new HttpRequestMessage(new HttpMethod(method), _host.SignedV2([])))).ShouldRefuse(Codes.InvalidParameter, "POST");

    [Theory]
    [InlineData(64 * 1024, Codes.Success)]
    [InlineData(64 * 1024 + 1, Codes.InvalidParameter)]
    public async Task A_body_may_have_64_KiB_and_no_more(int length, string code)
    {
        var body = Utf8(New.PadRight(length));

        (await _host.CallV2Async(body)).ShouldBeOfTheProtocol(code);
        // And without a length told beforehand:
        var chunked = new HttpRequestMessage(HttpMethod.Post, _host.SignedV2(body)) { Content = new StreamContent(new MemoryStream(body)) };
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Content.Headers.ContentType = new("application/json");
        (await _host.SendAsync(chunked)).ShouldBeOfTheProtocol(code);
    }

    [Fact]
    public async Task An_endless_body_is_answered_before_it_ends()
    {
        using var socket = await ConnectAsync();
        await SendRawAsync(socket, $"POST {_host.SignedV2([1])} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var i = 0; i < 9; i++) await SendRawAsync(socket, $"2000\r\n{new string('x', 0x2000)}\r\n");

        (await ReadHeadAndBodyAsync(socket)).ShouldContain("\"resultCode\":\"000002\",\"resultMsg\":\"the body is longer than 65536 bytes\"");
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_is_answered_in_time()
    {
        await using var impatient = await SellerHost.StartAsync(null, ("AnswerTimeout", "00:00:00.2"));
        using var socket = await ConnectAsync(impatient);
        await SendRawAsync(socket, $"POST {impatient.SignedV2([1])} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{");

        (await ReadHeadAndBodyAsync(socket)).ShouldContain("\"resultCode\":\"000002\",\"resultMsg\":\"the body did not arrive in time\"");
    }

    [Fact]
    public async Task A_malformed_transfer_gets_an_answer_of_the_protocol()
    {
        using var socket = await ConnectAsync();
        await SendRawAsync(socket, $"POST {_host.SignedV2([1])} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk\r\n");

        (await ReadHeadAndBodyAsync(socket)).ShouldContain("\"resultCode\":\"000002\"");
    }

    [Fact]
    public async Task The_header_is_spelt_exactly_Body_Sign_with_double_quotes()
    {
        using var socket = await ConnectAsync();
        await SendRawAsync(socket, $"POST {_host.SignedV2([])} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");

        (await ReadHeadAndBodyAsync(socket)).ShouldContain("\r\nBody-Sign: sign_type=\"HMAC-SHA256\", signature=\"");
    }

    [Fact]
    public async Task A_seller_that_throws_is_answered_internal_error_and_logged()
    {
        _host.Seller.Instead = (_, _) => throw new InvalidDataException("the database is away");

        var answer = (await _host.CallV2Async(New)).ShouldBeOfTheProtocol(Codes.InternalError);

        answer.Message!.ShouldNotContain("database");
        _host.Logs.Entries.ShouldContain(entry => entry.Level == LogLevel.Error && entry.Text.Contains("the database is away"));
    }

    [Fact]
    public async Task A_seller_that_is_not_done_in_time_is_cancelled_and_answered_internal_error()
    {
        await using var impatient = await SellerHost.StartAsync(null, ("AnswerTimeout", "00:00:02"));
        impatient.Seller.Instead = async (_, ct) => { await Task.Delay(Timeout.Infinite, ct); return null; };

        (await impatient.CallV2Async(New)).ShouldRefuse(Codes.InternalError, "in time");
    }

    [Fact]
    public async Task A_caller_that_leaves_cancels_the_seller()
    {
        var cancelled = new TaskCompletionSource();
        using var leaving = new CancellationTokenSource();
        _host.Seller.Instead = async (_, ct) =>
        {
            await leaving.CancelAsync();
            using var registration = ct.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, ct);
            return null;
        };

        await Should.ThrowAsync<OperationCanceledException>(() => _host.Http.PostAsync(_host.SignedV2(Utf8(New)), new ByteArrayContent(Utf8(New)), leaving.Token));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        _host.Logs.Entries.ShouldNotContain(entry => entry.Level >= LogLevel.Error);
    }

    [Theory]
    [InlineData("id")]
    [InlineData("no id")]
    [InlineData("url")]
    [InlineData("decimals")]
    public async Task An_answer_the_marketplace_could_not_read_is_an_internal_error(string fault)
    {
        _host.Seller.Instead = (_, _) => Task.FromResult<MarketplaceResult?>(fault switch
        {
            "id" => NewInstanceResult.Created(new string('x', 65)),
            "no id" => new NewInstanceResult(Codes.Success),
            "url" => QueryInstanceResult.Found([new InstanceInfo("i", new ApplicationInfo(new string('x', 513)))]),
            _ => QueryInstanceResult.Found([new InstanceInfo("i", null, [new UsageInfo(0.00001m, default)])]),
        });

        (await _host.CallV2Async(fault.Contains("id") ? New : """{"activity":"queryInstance","instanceId":"i"}""")).ShouldBeOfTheProtocol(Codes.InternalError);
    }

    [Fact]
    public async Task A_nonce_store_that_is_away_fails_the_call_rather_than_lets_it_pass()
    {
        await using var host = await SellerHost.StartAsync(services => services.AddScoped<INonceStore, BrokenNonceStore>());

        (await host.CallV2Async(New)).ShouldBeOfTheProtocol(Codes.InternalError);
        host.Seller.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task AppInfo_is_sent_on_creation_where_the_setting_says_so()
    {
        await using var host = await SellerHost.StartAsync(null, ("AppInfoInNewInstance", "true"));

        (await host.CallV2Async(New)).Json.GetProperty("appInfo").GetProperty("userName").GetString().ShouldBe("admin@example.com");
    }

    [Fact]
    public async Task Settings_that_cannot_work_are_refused_at_start()
    {
        (await Should.ThrowAsync<OptionsValidationException>(() => SellerHost.StartAsync(null, ("AccessKey", "")))).Message.ShouldContain("AccessKey is missing");
        (await Should.ThrowAsync<OptionsValidationException>(() => SellerHost.StartAsync(null, ("ApiBaseUrl", "http://mkt.myhuaweicloud.com")))).Message.ShouldContain("https");
        (await Should.ThrowAsync<OptionsValidationException>(() => SellerHost.StartAsync(null, ("Iam:AccessKeyId", "ak")))).Message.ShouldContain("go together");
    }

    [Fact]
    public async Task Nothing_secret_or_personal_is_ever_logged()
    {
        await _host.CallV2Async(New);
        await _host.CallV2Async("""{"activity":"queryInstance","instanceId":"i-1"}""");
        await _host.CallV2Async("""{"activity":"newInstance","buyerInfo":{"mobilePhone":"13800000000","email":"a@b.c"},"orderInfo":[{"businessId":"b","orderId":"CS1"}]}""");
        await _host.CallV2Async(New, "wrong-key");

        foreach (var secret in new[] { Key, "previous-key", "s3cret", "admin@example.com", "13800000000", "a@b.c" }) _host.Logs.Text.ShouldNotContain(secret);
        foreach (var record in new object[] { RecordingSeller.AppInfo, ((NewInstanceRequest)_host.Seller.Seen.Last().Request).Facts!, _host.Seller.Seen.Last().Request })
            foreach (var secret in new[] { "s3cret", "admin@example.com", "13800000000", "a@b.c" }) record.ToString()!.ShouldNotContain(secret);
    }

    [Fact]
    public async Task Any_signed_bytes_get_an_answer_of_the_protocol_and_an_error_code() =>
        await Gen.OneOf(Gen.Byte.Array[0, 300], Mutated).SampleAsync(async body =>
        {
            var answer = await _host.CallV2Async(body);
            answer.ShouldBeOfTheProtocol(answer.Code!);
            answer.Code.ShouldBeOneOf(Codes.Success, Codes.InvalidParameter);
        }, iter: 300, threads: 2);

    [Fact]
    public async Task Any_query_and_any_bytes_of_a_stranger_get_an_answer_of_the_protocol() =>
        await Gen.Select(Gen.String[Gen.Char["=&%+ azTS09;?/\\\"<>"], 0, 60], Gen.Byte.Array[0, 100]).SampleAsync(async (query, body) =>
        {
            var answer = await _host.PostAsync($"{SellerHost.V2Path}?timestamp={Timestamp}&x={query}", body, "application/json");
            answer.ShouldBeOfTheProtocol(answer.Code!);
            answer.Code.ShouldBeOneOf(Codes.InvalidParameter, Codes.AuthenticationFailed);
        }, iter: 200, threads: 2);

    private static Gen<byte[]> Mutated => Gen.Select(Gen.OneOfConst([.. EveryActivity.Select(row => row.Data)]), Gen.Int[0, 1000], Gen.Byte, (body, at, value) =>
    {
        var bytes = Utf8(body);
        bytes[at % bytes.Length] = value;
        return bytes;
    });

    private Task<Socket> ConnectAsync() => ConnectAsync(_host);

    private static async Task<Socket> ConnectAsync(SellerHost host)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, host.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task SendRawAsync(Socket socket, string text) => await socket.SendAsync(Utf8(text), TestContext.Current.CancellationToken);

    // Reads until the object that ends an answer is complete.
    private static async Task<string> ReadHeadAndBodyAsync(Socket socket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith('}'))
        {
            var count = await socket.ReceiveAsync(buffer, limit.Token);
            if (count == 0) break;
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        text.ToString().ShouldStartWith("HTTP/1.1 200 OK\r\n");
        return text.ToString();
    }

    private sealed class BrokenNonceStore : INonceStore
    {
        public ValueTask<bool> TryRememberAsync(string nonce, DateTimeOffset until, CancellationToken cancellationToken) =>
            throw new TimeoutException("the store is away");
    }
}
