using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Guance.Billing.Platform.Access;
using Guance.Billing.TestKit;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Platform.Tests;

public sealed class AuditTests(NotesDeployment notes)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_operator_does_is_kept_with_who_and_when_and_newest_first()
    {
        using var client = await notes.Deployment.Browser().WithTokenAsync();
        await StampAsync(client, "kept", "approved");
        await StampAsync(client, "kept", "approved again");

        var acts = await ActsAsync(client, "subject=kept");

        acts.Select(act => (string?)act["said"]).ShouldBe(["approved again", "approved"]);
        acts[0]["by"]!.GetValue<string>().ShouldBe("client:test-operator");
        acts[0]["what"]!.GetValue<string>().ShouldBe("stamp-note");
        acts[0]["at"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(acts[1]["at"]!.GetValue<DateTimeOffset>());
        (await ActsAsync(client, "subject=kept&limit=1&cursor=" + acts[0]["id"])).Single()["said"]!.GetValue<string>().ShouldBe("approved");
        (await ActsAsync(client, "subject=kept&by=client:somebody-else")).ShouldBeEmpty();
        (await ActsAsync(client, "subject=kept&what=sign-in")).ShouldBeEmpty();
        (await ActsAsync(client, "subject=kept&from=" + Uri.EscapeDataString((string)acts[0]["at"]!))).Length.ShouldBe(1);
        (await ActsAsync(client, "subject=kept&before=" + Uri.EscapeDataString((string)acts[0]["at"]!))).Single()["said"]!.GetValue<string>().ShouldBe("approved");
        await (await client.GetAsync("/api/operator/audit?cursor=-1", Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "cursor-invalid");
        await (await client.GetAsync("/api/operator/audit?limit=0", Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "limit-invalid");
    }

    [Fact]
    public async Task What_was_refused_or_only_previewed_is_no_act_and_the_same_request_again_is_no_second_one()
    {
        using var client = await notes.Deployment.Browser().WithTokenAsync();
        await (await client.PostAsJsonAsync("/api/stamps", new { id = "once", text = "forbidden" }, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Conflict, "note-forbidden");
        await StampAsync(client, "once", "preview");
        await StampAsync(client, "once", "approved", key: "stamp-once");
        await StampAsync(client, "once", "approved", key: "stamp-once");

        (await ActsAsync(client, "subject=once")).Single()["said"]!.GetValue<string>().ShouldBe("approved");
    }

    [Fact]
    public async Task What_was_done_cannot_be_edited_or_removed()
    {
        using var client = await notes.Deployment.Browser().WithTokenAsync();
        await StampAsync(client, "fixed", "approved");
        var database = notes.Deployment.Services.GetRequiredService<NpgsqlDataSource>();

        foreach (var change in new[] { "update platform.operator_act set by = 'nobody'", "delete from platform.operator_act", "truncate platform.operator_act" })
        {
            await using var edit = database.CreateCommand(change);
            (await Should.ThrowAsync<PostgresException>(() => edit.ExecuteNonQueryAsync(Cancel))).MessageText.ShouldContain("only ever added to");
        }
    }

    [Fact]
    public async Task A_deployment_does_not_start_with_an_endpoint_by_which_operators_change_what_nobody_keeps()
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        await using var app = Start.Build(Start.Settings(database), module: new Unkept());

        (await Should.ThrowAsync<InvalidOperationException>(() => app.StartAsync(Cancel))).Message.ShouldContain("/api/unkept");
        await app.StopAsync(Cancel);
    }

    private static async Task StampAsync(HttpClient client, string id, string text, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/stamps") { Content = JsonContent.Create(new { id, text }) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await client.SendAsync(request, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<JsonNode[]> ActsAsync(HttpClient client, string query) =>
        [.. (await client.GetFromJsonAsync<JsonObject>($"/api/operator/audit?{query}", Cancel))!["items"]!.AsArray().Select(act => act!)];

    private sealed class Unkept : IModule
    {
        public string Name => "Unkept";

        public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

        public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
        {
        }

        public void ConfigureMarten(StoreOptions options)
        {
        }

        public void MapEndpoints(IEndpointRouteBuilder endpoints) => endpoints.MapPost("/api/unkept", () => "done").ForClients(Scopes.Operator);
    }
}
