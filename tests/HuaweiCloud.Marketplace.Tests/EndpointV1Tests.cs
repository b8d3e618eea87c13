using System.Net;
using CsCheck;
using static HuaweiCloud.Marketplace.Tests.Vectors;
using Codes = HuaweiCloud.Marketplace.MarketplaceResultCodes;

namespace HuaweiCloud.Marketplace.Tests;

public sealed class EndpointV1Tests : IAsyncLifetime
{
    private const string New = "activity=newInstance&customerId=c-1&businessId=b-1&orderId=CS1&productId=p-1";
    private SellerHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SellerHost.StartAsync(null, ("V1:Enabled", "true"), ("AccessKeyPrevious", "previous-key"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task It_is_not_there_unless_enabled()
    {
        await using var host = await SellerHost.StartAsync();

        (await host.CallV1Async(New)).Status.ShouldBe(HttpStatusCode.NotFound);
        host.Seller.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_published_call_succeeds_as_a_test_call()
    {
        await using var host = await SellerHost.StartAsync(null, ("V1:Enabled", "true"), ("AccessKey", "xxxxxxx"));
        host.Clock.Advance(new DateTimeOffset(2020, 7, 27, 7, 37, 11, 903, TimeSpan.Zero) - host.Clock.GetUtcNow());

        // The token's + is sent bare, as some senders do.
        var answer = await host.SendAsync(new HttpRequestMessage(HttpMethod.Get,
            $"{SellerHost.V1Path}?activity=newInstance&businessId=61e834ba-7b97-4418-b8f7-e5345137278c&customerId=68cbc86abc2018ab880d92f36422fa0e&expireTime=20200727153156&orderId=CS1906666666ABCDE&productId=00301-666666-0--0&testFlag=1&timeStamp=20200727073711903&authToken=Gzbfjf9LHRBcI3bFVi++sLinCNOBF6qa7is1fvjEgYQ="));

        answer.ShouldBeOfTheProtocol(Codes.Success, "xxxxxxx");
        answer.Json.GetProperty("instanceId").GetString().ShouldNotBeNullOrEmpty();
        answer.Json.GetProperty("appInfo").GetProperty("frontEndUrl").GetString().ShouldNotBeNullOrEmpty();
        host.Seller.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("1", MarketplaceEncryptType.Aes256)]
    [InlineData("2", MarketplaceEncryptType.Aes128)]
    public async Task NewInstance_carries_the_orders_facts_and_personal_fields_are_encrypted_both_ways(string encryptType, MarketplaceEncryptType type)
    {
        await using var host = await SellerHost.StartAsync(null, ("V1:Enabled", "true"), ("V1:EncryptType", type.ToString()));
        var parameters = Parameters(New + "&customerName=n m&userId=u&userName=un&skuCode=s-1&trialFlag=0&expireTime=20221224023618&chargingMode=1&periodType=year&periodNumber=1&orderAmount=13.405&provisionType=1&amount=3&diskSize=20&bandWidth=5&novel=1");
        parameters["mobilePhone"] = MarketplaceFieldCipher.Encrypt(Key, "13800000000", type);
        parameters["email"] = MarketplaceFieldCipher.Encrypt(Key, "a@b.c", type);
        parameters["saasExtendParams"] = Convert.ToBase64String(Utf8("""[{"name":"ip","value":"10.0.0.1>?"}]"""));

        var answer = (await host.SendAsync(new(HttpMethod.Get, host.SignedV1(parameters, Uri.EscapeDataString)))).ShouldBeOfTheProtocol(Codes.Success);

        var request = host.Seller.Only<NewInstanceRequest>();
        (request.OrderId, request.OrderLineId, request.BusinessId, request.IdempotencyKey).ShouldBe(("CS1", null, "b-1", "CS1/p-1"));
        request.UnknownFields.Keys.ShouldBe(["novel"]);
        var facts = request.Facts.ShouldNotBeNull();
        (facts.ChargingMode, facts.PeriodType, facts.PeriodNumber, facts.OrderAmount, facts.IsTrial, facts.ProvisionType).ShouldBe((ChargingModes.Period, "year", 1, 13.405m, false, "1"));
        (facts.Quantity, facts.DiskSizeGigabytes, facts.BandwidthMegabits).ShouldBe((3, 20, 5));
        facts.Products.ShouldBe([new OrderProduct("p-1", "s-1", null)]);
        facts.ExtendParams.ShouldBe([new OrderExtendParam("ip", "10.0.0.1>?")]);
        facts.ExpiresAt.ShouldBe(new DateTimeOffset(2022, 12, 24, 2, 36, 18, TimeSpan.Zero));
        facts.Buyer.ShouldBe(new OrderBuyer { CustomerId = "c-1", CustomerName = "n m", UserId = "u", UserName = "un", MobilePhone = "13800000000", Email = "a@b.c" });
        host.Seller.Seen.Single().Call.Version.ShouldBe(MarketplaceProtocolVersion.V1);

        answer.Json.GetProperty("encryptType").GetString().ShouldBe(encryptType);
        var app = answer.Json.GetProperty("appInfo");
        app.GetProperty("frontEndUrl").GetString().ShouldBe(RecordingSeller.AppInfo.FrontEndUrl);
        MarketplaceFieldCipher.TryDecrypt(Key, app.GetProperty("userName").GetString()!, type).ShouldBe(RecordingSeller.AppInfo.UserName);
        MarketplaceFieldCipher.TryDecrypt(Key, app.GetProperty("password").GetString()!, type).ShouldBe(RecordingSeller.AppInfo.Password);
        foreach (var secret in new[] { "13800000000", "a@b.c", "s3cret" }) host.Logs.Text.ShouldNotContain(secret);
    }

    [Fact]
    public async Task A_contact_that_cannot_be_read_does_not_cost_the_order()
    {
        (await _host.CallV1Async(New + "&email=plain@example.com")).ShouldBeOfTheProtocol(Codes.Success);

        _host.Seller.Only<NewInstanceRequest>().Facts!.Buyer!.Email.ShouldBeNull();
    }

    [Fact]
    public async Task QueryInstance_encrypts_its_credentials()
    {
        var answer = (await _host.CallV1Async("activity=queryInstance&instanceId=i-1,i-2")).ShouldBeOfTheProtocol(Codes.Success);

        _host.Seller.Only<QueryInstanceRequest>().InstanceIds.ShouldBe(["i-1", "i-2"]);
        answer.Json.GetProperty("encryptType").GetString().ShouldBe("1");
        MarketplaceFieldCipher.TryDecrypt(Key, answer.Json.GetProperty("info")[1].GetProperty("appInfo").GetProperty("password").GetString()!, MarketplaceEncryptType.Aes256)
            .ShouldBe(RecordingSeller.AppInfo.Password);
    }

    [Theory]
    [InlineData("&trialToFormal=1&orderAmount=100", RefreshScene.TrialToFormal)]
    [InlineData("&orderAmount=100&periodType=month&periodNumber=3", RefreshScene.Renewal)]
    [InlineData("&orderAmount=-99.5", RefreshScene.UnsubscribeRenewalPeriod)]
    [InlineData("", RefreshScene.Renewal)]
    public async Task RefreshInstance_tells_its_scene_from_trial_flag_and_amount(string more, RefreshScene scene)
    {
        (await _host.CallV1Async("activity=refreshInstance&orderId=CS2&instanceId=i-1&productId=p-2&expireTime=20221224023618" + more)).ShouldBeOfTheProtocol(Codes.Success);

        var request = _host.Seller.Only<RefreshInstanceRequest>();
        (request.InstanceId, request.Scene, request.OrderId, request.OrderLineId, request.ProductId, request.ExpiresAt).ShouldBe(
            ("i-1", scene, "CS2", null, "p-2", new DateTimeOffset(2022, 12, 24, 2, 36, 18, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("activity=expireInstance&orderId=CS1&instanceId=i-1", InstanceStatus.Freeze)]
    [InlineData("activity=instanceStatus&instanceStatus=FREEZE&instanceId=i-1", InstanceStatus.Freeze)]
    [InlineData("activity=instanceStatus&instanceStatus=NORMAL&instanceId=i-1", InstanceStatus.Unfreeze)]
    public async Task Expiry_and_status_freeze_and_unfreeze(string parameters, InstanceStatus expected)
    {
        (await _host.CallV1Async(parameters)).ShouldBeOfTheProtocol(Codes.Success);

        var request = _host.Seller.Only<UpdateInstanceStatusRequest>();
        (request.InstanceId, request.Status).ShouldBe(("i-1", expected));
    }

    [Fact]
    public async Task Release_and_upgrade_reach_the_seller()
    {
        (await _host.CallV1Async("activity=releaseInstance&orderId=CS1&instanceId=i-1&orderAmount=1")).ShouldBeOfTheProtocol(Codes.Success);
        (await _host.CallV1Async("activity=upgrade&orderId=CS3&instanceId=i-1&skuCode=s-2&productId=p-2&amount=9")).ShouldBeOfTheProtocol(Codes.Success);

        var seen = _host.Seller.Seen.Select(s => s.Request).ToArray();
        var release = seen[0].ShouldBeOfType<ReleaseInstanceRequest>();
        (release.InstanceId, release.OrderId).ShouldBe(("i-1", "CS1"));
        var upgrade = seen[1].ShouldBeOfType<UpgradeInstanceRequest>();
        (upgrade.InstanceId, upgrade.OrderId, upgrade.Facts!.Quantity).ShouldBe(("i-1", "CS3", 9));
        upgrade.Facts.Products.ShouldBe([new OrderProduct("p-2", "s-2", null)]);
    }

    [Theory]
    [InlineData("activity=newInstance&customerId=c&businessId=b&orderId=O")]
    [InlineData("activity=queryInstance&instanceId=unknown")]
    [InlineData("activity=refreshInstance&orderId=O&instanceId=unknown&expireTime=20221224023618")]
    [InlineData("activity=expireInstance&instanceId=unknown")]
    [InlineData("activity=instanceStatus&instanceStatus=NORMAL&instanceId=unknown")]
    [InlineData("activity=releaseInstance&orderId=O&instanceId=unknown")]
    [InlineData("activity=upgrade&orderId=O&instanceId=unknown")]
    public async Task A_test_call_succeeds_and_never_reaches_the_seller(string parameters)
    {
        (await _host.CallV1Async(parameters + "&testFlag=1")).ShouldBeOfTheProtocol(Codes.Success);
        _host.Seller.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("activity=newInstance&businessId=b&orderId=O", "customerId is missing")]
    [InlineData("activity=newInstance&customerId=c&businessId=b", "orderId is missing")]
    [InlineData("activity=newInstance&customerId=c&businessId=b&orderId=O&orderAmount=lots", "orderAmount")]
    [InlineData("activity=newInstance&customerId=c&businessId=b&orderId=O&orderAmount=1.0001", "orderAmount")]
    [InlineData("activity=newInstance&customerId=c&businessId=b&orderId=O&amount=12345678", "amount")]
    [InlineData("activity=newInstance&customerId=c&businessId=b&orderId=O&periodNumber=-1", "periodNumber")]
    [InlineData("activity=newInstance&customerId=c&businessId=b&orderId=O&saasExtendParams=e30=", "saasExtendParams")]
    [InlineData("activity=newInstance&customerId=c&businessId=b&orderId=O&saasExtendParams=!", "saasExtendParams")]
    [InlineData("activity=refreshInstance&orderId=O&instanceId=i", "expireTime is missing")]
    [InlineData("activity=instanceStatus&instanceId=i", "instanceStatus is missing")]
    [InlineData("activity=instanceStatus&instanceId=i&instanceStatus=frozen", "instanceStatus")]
    [InlineData("activity=upgrade&instanceId=i", "orderId is missing")]
    [InlineData("activity=getLicense&instanceId=i", "activity")]
    [InlineData("instanceId=i", "activity is missing")]
    public async Task A_wrong_parameter_is_refused_by_its_name(string parameters, string name) =>
        (await _host.CallV1Async(parameters)).ShouldRefuse(Codes.InvalidParameter, name);

    [Theory]
    [InlineData(600, true)]
    [InlineData(-600, true)]
    [InlineData(600.001, false)]
    [InlineData(-600.001, false)]
    public async Task A_timeStamp_may_be_10_minutes_from_now_either_way(double lateSeconds, bool accepted)
    {
        var answer = await _host.CallV1Async(New, late: TimeSpan.FromSeconds(lateSeconds));

        if (accepted) answer.ShouldBeOfTheProtocol(Codes.Success);
        else answer.ShouldRefuse(Codes.InvalidParameter, "timeStamp");
    }

    [Theory]
    [InlineData("activity=queryInstance", Codes.InvalidParameter, "timeStamp")]
    [InlineData("timeStamp=now&authToken=x", Codes.InvalidParameter, "timeStamp")]
    [InlineData("timeStamp=20230403074746618", Codes.AuthenticationFailed, "authToken is missing")]
    [InlineData("timeStamp=20230403074746618&authToken=x", Codes.AuthenticationFailed, "authToken is wrong")]
    [InlineData("timeStamp=20230403074746618&timeStamp=20230403074746618&authToken=x", Codes.InvalidParameter, "twice")]
    public async Task TimeStamp_is_asked_for_before_the_token(string query, string code, string text) =>
        (await _host.SendAsync(new(HttpMethod.Get, $"{SellerHost.V1Path}?{query}"))).ShouldRefuse(code, text);

    [Fact]
    public async Task Either_key_is_accepted_while_keys_are_changed_and_signs_and_encrypts_its_answer()
    {
        var answer = (await _host.CallV1Async(New, "previous-key")).ShouldBeOfTheProtocol(Codes.Success, "previous-key");

        MarketplaceFieldCipher.TryDecrypt("previous-key", answer.Json.GetProperty("appInfo").GetProperty("userName").GetString()!, MarketplaceEncryptType.Aes256)
            .ShouldBe(RecordingSeller.AppInfo.UserName);
        (await _host.CallV1Async(New, "another-key")).ShouldRefuse(Codes.AuthenticationFailed, "authToken");
    }

    [Fact]
    public async Task Post_is_refused_in_the_protocol() => (await _host.PostAsync(SellerHost.V1Path, [])).ShouldRefuse(Codes.InvalidParameter, "GET");

    [Fact]
    public async Task A_plus_is_read_as_the_sender_meant_it_however_it_was_escaped()
    {
        // As Java's URLEncoder does: space to +, + to %2B. As a sender who forgets to: + bare.
        string[] names = ["n m", "n+m"];
        foreach (var name in names)
            foreach (var escape in new Func<string, string>[] { WebUtility.UrlEncode, Uri.EscapeDataString, text => Uri.EscapeDataString(text).Replace("%2B", "+") })
            {
                var parameters = Parameters(New);
                parameters["customerName"] = name;
                (await _host.SendAsync(new(HttpMethod.Get, _host.SignedV1(parameters, escape)))).ShouldBeOfTheProtocol(Codes.Success);
                ((NewInstanceRequest)_host.Seller.Seen.Last().Request).Facts!.Buyer!.CustomerName.ShouldBe(name);
            }
    }

    [Fact]
    public async Task Any_changed_parameter_breaks_the_token() =>
        await Gen.Select(Gen.Int[0, 5], Gen.Char.AlphaNumeric).SampleAsync(async (at, more) =>
        {
            var parameters = Parameters(New);
            var address = _host.SignedV1(parameters, Uri.EscapeDataString);
            var changed = parameters.ElementAt(at % parameters.Count);
            if (changed.Key is "timeStamp" or "authToken") return;
            address = address.Replace($"{changed.Key}={changed.Value}", $"{changed.Key}={changed.Value}{more}");
            (await _host.SendAsync(new(HttpMethod.Get, address))).ShouldBeOfTheProtocol(Codes.AuthenticationFailed);
        }, iter: 100, threads: 2);
}
