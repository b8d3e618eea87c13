using System.Net;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

public sealed class StateFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("market-");
    private string StateFile => Path.Combine(folder.FullName, "data", "marketplace.json");

    public void Dispose() => folder.Delete(recursive: true);

    private Task<MarketFixture> StartAsync(bool withV1 = false) => MarketFixture.StartAsync(o => o.StateFile = StateFile, withV1);

    private async Task<string> WrittenAsync(string what) =>
        await MarketFixture.EventuallyAsync(async () => File.Exists(StateFile) ? await File.ReadAllTextAsync(StateFile, TestContext.Current.CancellationToken) : "",
            text => text.Contains(what, StringComparison.Ordinal), $"the file to tell of {what}");

    private static string Usage(string id, string begin, string end) =>
        $$"""{"usage_records":[{"begin_time":"{{begin}}","end_time":"{{end}}","instance_id":"{{id}}","metering_sn":"sn-1","record_time":"{{end}}","usage_value":"1.5"}]}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restarted_market_has_its_instances_and_closes_them(bool isV1)
    {
        await using var market = await StartAsync(withV1: true);
        var id = await market.RunningAsync("period", isV1 ? ""","version":"v1" """ : "");
        var (orders, instance, calls) = (await market.GetAsync("/sim/orders"), await market.InstanceAsync(id), await market.GetAsync("/sim/calls"));

        await market.RestartAsync();

        (await market.GetAsync("/sim/orders")).GetRawText().ShouldBe(orders.GetRawText());
        (await market.InstanceAsync(id)).GetRawText().ShouldBe(instance.GetRawText());
        (await market.GetAsync("/sim/calls")).GetRawText().ShouldBe(calls.GetRawText());
        (await market.QueryOrderAsync("orderId=" + instance.GetProperty("orderId").GetString())).Status.ShouldBe(HttpStatusCode.OK);
        var (status, told) = await market.PostAsync($"/sim/instances/{id}/close");
        status.ShouldBe(HttpStatusCode.OK);
        told.GetProperty("outcome").GetString().ShouldBe("acknowledged");
        market.Seller.Of("releaseInstance").ShouldHaveSingleItem().Field("instanceId").ShouldBe(id);
        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("closed");

        await market.RestartAsync();
        (await market.PostAsync($"/sim/instances/{id}/close")).Json.GetProperty("code").GetString().ShouldBe("instance-closed");
    }

    [Fact]
    public async Task Calls_of_a_V1_instance_fail_while_the_restarted_market_has_no_V1_address()
    {
        await using var market = await StartAsync(withV1: true);
        var id = await market.RunningAsync(more: ""","version":"v1" """);
        var address = market.Options.SellerCallbackUrlV1;

        await market.RestartAsync(() => market.Options.SellerCallbackUrlV1 = null);
        var (_, told) = await market.PostAsync($"/sim/instances/{id}/close");
        await market.RestartAsync(() => market.Options.SellerCallbackUrlV1 = address);
        await market.AdvanceAsync(TimeSpan.FromMinutes(2));

        told.GetProperty("outcome").GetString().ShouldBe("failed");
        told.GetProperty("error").ToString().ShouldContain("SellerCallbackUrlV1");
        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("closed");
    }

    [Fact]
    public async Task Serial_numbers_and_windows_of_usage_are_refused_again_after_a_restart()
    {
        await using var market = await StartAsync();
        var id = await market.RunningAsync();
        market.Clock.Advance(new TimeSpan(1, 44, 30));
        var record = Usage(id, "20260305T090000Z", "20260305T100000Z");
        (await market.PushAsync(record)).Json.GetProperty("abnormal_usage_data").GetArrayLength().ShouldBe(0);

        await market.RestartAsync();
        var again = await market.PushAsync(record);
        await market.PushAsync(record.Replace("sn-1", "sn-2", StringComparison.Ordinal));
        market.Clock.Advance(TimeSpan.FromDays(1));

        again.Json.GetProperty("abnormal_usage_data")[0].GetProperty("code").GetString().ShouldBe("005");
        var records = await market.ItemsAsync("/sim/usage");
        records.Select(r => r.GetProperty("code").GetString()).ShouldBe([null, "005", "010"]);
        records[0].GetProperty("collectedAt").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 5, 17, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_call_that_waits_for_its_next_try_goes_on_after_a_restart()
    {
        await using var market = await StartAsync();
        var id = await market.RunningAsync();
        market.Seller.Script = r => r.Activity == "updateInstanceStatus" ? Reply.Code("000005") : null;
        await market.PostAsync($"/sim/instances/{id}/freeze");
        market.Seller.Script = _ => null;

        await market.RestartAsync();
        await market.RunDueAsync();
        market.Seller.Of("updateInstanceStatus").Count.ShouldBe(1);
        await market.AdvanceAsync(TimeSpan.FromMinutes(2));

        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("frozen");
        (await market.CallsAsync("updateInstanceStatus")).Select(c => c.GetProperty("attempt").GetInt32()).ShouldBe([1, 2]);
        market.Seller.Of("updateInstanceStatus").ShouldAllBe(r => r.IsSigned && r.Field("instanceId") == id && r.Field("status") == "FREEZE");
        (await market.PostAsync($"/sim/instances/{id}/freeze")).Json.GetProperty("code").GetString().ShouldBe("instance-frozen");
    }

    [Fact]
    public async Task What_the_seller_did_not_answer_before_the_stop_is_called_again_under_a_later_signature()
    {
        await using var market = await StartAsync();
        var id = await market.RunningAsync();
        market.Options.ControlWait = TimeSpan.FromMilliseconds(1);
        using var answers = new ManualResetEventSlim();
        market.Seller.Script = r =>
        {
            if (r.Activity == "releaseInstance")
                answers.Wait(TestContext.Current.CancellationToken);
            return null;
        };
        (await market.PostAsync($"/sim/instances/{id}/close")).Status.ShouldBe(HttpStatusCode.Accepted);
        await MarketFixture.EventuallyAsync(() => Task.FromResult(market.Seller.Of("releaseInstance").Count), c => c == 1, "the call to arrive");

        await market.RestartAsync(answers.Set);
        await market.RunDueAsync();

        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("closed");
        var (first, second) = (market.Seller.Of("releaseInstance")[0], market.Seller.Of("releaseInstance")[1]);
        second.TimestampMs.ShouldBeGreaterThan(first.TimestampMs);
        second.Query["nonce"].ShouldNotBe(first.Query["nonce"]);
    }

    [Fact]
    public async Task Faults_violations_and_counters_outlive_a_restart()
    {
        await using var market = await StartAsync();
        await market.RunningAsync();
        market.Seller.Script = _ => new Reply("""{"resultCode":"000000"}""", OmitsBodySign: true);
        await market.PostAsync("/sim/test-calls");
        market.Seller.Script = _ => null;
        await market.FaultsAsync("""{"down":true,"rejectCode":"006"}""");
        var (faults, violations) = (await market.GetAsync("/sim/faults"), await market.GetAsync("/sim/violations"));
        var line = await market.OrderAsync();

        await market.RestartAsync();
        (await market.GetAsync("/sim/faults")).GetRawText().ShouldBe(faults.GetRawText());
        (await market.GetAsync("/sim/violations")).GetRawText().ShouldBe(violations.GetRawText());
        await market.FaultsAsync("""{"reset":true}""");
        await market.StatusAsync(line, "running");

        // The clock stood still all the time: only the counters tell the calls apart.
        var calls = await market.ItemsAsync("/sim/calls");
        calls.Select(c => c.GetProperty("id").GetInt64()).ShouldBeUnique();
        market.Seller.All.Select(r => r.TimestampMs).ShouldBeUnique();
        market.Seller.Of("newInstance")[^1].TimestampMs.ShouldBe(market.Seller.All.Max(r => r.TimestampMs) - 1);
    }

    [Fact]
    public async Task The_state_is_written_while_the_market_runs_and_without_keys_or_passwords()
    {
        await using var market = await StartAsync();
        market.Seller.Script = r => r.Activity != "queryInstance" ? null : new Reply($$$"""
            {"resultCode":"000000","info":[{"instanceId":"{{{r.Field("instanceId")}}}","appInfo":{"frontEndUrl":"https://x.example","password" : "Ini\"tial-1"},
            "usageInfo":[{"usageValue":0,"statisticalTime":"20260305082030000"}]}]}
            """);
        var id = await market.RunningAsync();
        var text = await WrittenAsync("\"Status\":\"running\"");

        text.ShouldContain(id);
        text.ShouldNotContain("tial-1");
        foreach (var secret in new[] { market.Options.SellerAccessKey, market.Options.IamSecretAccessKey })
            text.ShouldNotContain(secret);
        (await market.InstanceAsync(id)).GetProperty("applicationInformation").GetProperty("password").GetString().ShouldBe("Ini\"tial-1");

        // As after a kill: another market starts from what the file has, though the first never stopped.
        await using var other = await MarketFixture.StartAsync(o =>
        {
            o.StateFile = Path.Combine(folder.FullName, "copy.json");
            File.WriteAllText(o.StateFile, text);
        });
        (await other.InstanceAsync(id)).GetProperty("applicationInformation").GetProperty("password").GetString().ShouldBe("***");
    }

    [Fact]
    public async Task The_file_is_replaced_as_a_whole()
    {
        await using var market = await StartAsync();
        var first = await market.OrderAsync();
        await WrittenAsync(first);
        using var before = new StreamReader(new FileStream(StateFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

        var second = await market.OrderAsync();
        await WrittenAsync(second);

        // Whoever opened the old file still has all of it.
        var old = await before.ReadToEndAsync(TestContext.Current.CancellationToken);
        old.ShouldContain(first);
        old.ShouldNotContain(second);
        JsonDocument.Parse(old).RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
        Directory.GetFiles(Path.GetDirectoryName(StateFile)!).ShouldBe([StateFile]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"Orders\":[")]
    public async Task A_file_that_cannot_be_read_refuses_the_start_and_is_left_alone(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(StateFile)!);
        await File.WriteAllTextAsync(StateFile, text, TestContext.Current.CancellationToken);
        await using var app = SimulatorHost.Build(new SimulatorOptions { Url = "http://127.0.0.1:0", StateFile = StateFile }, new AdjustableClock());

        var refused = await Should.ThrowAsync<InvalidDataException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        await app.StopAsync(TestContext.Current.CancellationToken);

        refused.Message.ShouldContain($"{StateFile} cannot be read. Delete the file, or start with --fresh");
        (await File.ReadAllTextAsync(StateFile, TestContext.Current.CancellationToken)).ShouldBe(text);
    }

    [Fact]
    public async Task Without_a_file_a_restarted_market_is_a_new_one()
    {
        await using var market = await MarketFixture.StartAsync();
        await market.RunningAsync();

        await market.RestartAsync();

        (await market.ItemsAsync("/sim/instances")).ShouldBeEmpty();
    }
}
