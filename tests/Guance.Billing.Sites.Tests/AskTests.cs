using System.Net;
using System.Net.Http.Json;
using Guance.Billing.Platform.Access;
using Guance.Billing.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Sites.Tests;

public sealed class AskTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly SiteCode Cn4 = SiteCode.Of("cn4");

    [Fact]
    public async Task The_same_ask_is_done_once_and_answered_alike_and_another_one_is_done_too()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");

        (await AskAsync(world, "why?")).ShouldBe(new CountedQuestion("why?", 1));
        (await AskAsync(world, "how?")).Count.ShouldBe(2);
        (await AskAsync(world, "why?")).ShouldBe(new CountedQuestion("why?", 1));
        (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => AskAsync(world, "at once?")))).ShouldAllBe(answer => answer.Count == 3);
        (await world.Center.KeptAsync("asked")).ShouldBe(["why?", "how?", "at once?"]);
    }

    [Fact]
    public async Task A_refusal_passes_through_as_it_is()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");

        var refusal = await Should.ThrowAsync<BillingRefusal>(() => AskAsync(world, "forbidden"));

        refusal.Kind.ShouldBe(RefusalKind.Conflict);
        refusal.Code.ShouldBe("question-forbidden");
        refusal.Message.ShouldBe("Ask something else.");
        refusal.Details.ShouldBe(new Dictionary<string, object?> { ["nextChangeAt"] = "2026-12-01T00:00:00Z", ["tries"] = 3m }, ignoreOrder: true);
    }

    [Fact]
    public async Task Whatever_is_no_answer_is_an_unreachable_peer()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");
        await Should.ThrowAsync<PeerUnreachableException>(() => AskAsync(world, "crash"));
        await Should.ThrowAsync<PeerUnreachableException>(() => Center(world.Site).AskAsync<FutureQuestion, CountedQuestion>(new(Cn4), Cancel));

        // It may speak for itself alone; that its operator mixed that up is no answer to the customer.
        await Should.ThrowAsync<PeerUnreachableException>(() => Center(world.Site).AskAsync<CountQuestion, CountedQuestion>(new(SiteCode.Of("za1"), "why?"), Cancel));

        await using var stranger = await world.NodeAsync("za1", Ports.Free(), clientSecret: "wrong");
        (await Should.ThrowAsync<PeerUnreachableException>(() => Center(stranger).AskAsync<CountQuestion, CountedQuestion>(new(SiteCode.Of("za1"), "why?"), Cancel)))
            .Message.ShouldContain("Link__ClientSecret");

        await world.StopOneAsync("billing-center");
        await Should.ThrowAsync<PeerUnreachableException>(() => AskAsync(world, "why?"));
        await world.StartOneAsync("billing-center");
        (await AskAsync(world, "why?")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_is_kept_and_one_that_is_refused_is_fetched_anew_once()
    {
        await using var world = await LinkWorld.StartAsync("billing-center", "cn4");
        for (var i = 1; i <= 10; i++)
        {
            (await AskAsync(world, $"question {i}")).Count.ShouldBe(i);
        }

        // A few: of the site, of the Billing Center for its own reading, of this test; not one for each ask.
        world.Center.TokenRequests.ShouldBeLessThan(10);

        await world.StopOneAsync("billing-center");
        world.ChangeSigningKey();
        await world.StartOneAsync("billing-center");
        (await AskAsync(world, "question 11")).Count.ShouldBe(11);
    }

    [Fact]
    public async Task A_site_asks_for_itself_only_and_only_with_the_scope()
    {
        await using var world = await LinkWorld.StartAsync("billing-center");

        (await PostAsync("count-question", new CountQuestion(Cn4, "why?"), "site-cn4")).ShouldBe(HttpStatusCode.OK);
        (await PostAsync("count-question", new CountQuestion(Cn4, "why?"), "site-za1")).ShouldBe(HttpStatusCode.NotFound);
        (await PostAsync("count-question", new CountQuestion(Cn4, "why?"), "site-cn4", Scopes.Operator)).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync("no-such-question", new CountQuestion(Cn4, "why?"), "site-cn4")).ShouldBe(HttpStatusCode.NotFound);
        (await PostAsync("count-question", new { site = 5 }, "site-cn4")).ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync<object?>("count-question", null, "site-cn4")).ShouldBe(HttpStatusCode.BadRequest);

        async Task<HttpStatusCode> PostAsync<T>(string name, T body, string client, string scope = Scopes.Link)
        {
            using var http = new HttpClient { BaseAddress = new Uri(world.UrlOf("billing-center")) };
            http.DefaultRequestHeaders.Authorization = new("Bearer", await world.TokenAsync(client, scope));
            using var answer = await http.PostAsJsonAsync("/ask/" + name, body, Cancel);
            return answer.StatusCode;
        }
    }

    private static IBillingCenter Center(LinkHost site) => site.Services.GetRequiredService<IBillingCenter>();

    private static Task<CountedQuestion> AskAsync(LinkWorld world, string question) =>
        Center(world.Site).AskAsync<CountQuestion, CountedQuestion>(new(Cn4, question), Cancel);
}
