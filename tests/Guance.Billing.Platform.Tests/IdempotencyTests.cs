using System.Net;
using System.Net.Http.Json;
using Guance.Billing.Platform.Access;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Platform.Tests;

public sealed class IdempotencyTests(NotesDeployment notes) : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly HttpClient browser = notes.Deployment.Browser();

    [Fact]
    public async Task The_same_key_with_the_same_request_gives_the_first_answer_again_and_does_nothing()
    {
        var note = new { id = "same-key", text = "hello", price = new { amount = "13.40", currency = "CNY" } };
        var first = await ReadAsync(await PostAsync("key-same", note));
        var second = await ReadAsync(await PostAsync("key-same", note));

        second.ShouldBe(first);
        first.ShouldContain("\"13.40\"");
        (await CountAsync("same-key")).ShouldBe(1);
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused()
    {
        await ReadAsync(await PostAsync("key-other", new { id = "other", text = "one" }));

        await (await PostAsync("key-other", new { id = "other", text = "two" })).ShouldBeProblemAsync(HttpStatusCode.Conflict, "idempotency-key-reused");

        (await CountAsync("other")).ShouldBe(1);
    }

    [Fact]
    public async Task Many_at_once_with_one_key_have_one_effect_and_one_answer()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await ReadAsync(await PostAsync("key-many", new { id = "many", text = "x" }))));

        answers.Distinct().ShouldHaveSingleItem();
        (await CountAsync("many")).ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_leaves_nothing_and_the_key_is_free_for_another_try()
    {
        await (await PostAsync("key-refused", new { id = "refused", text = "forbidden" })).ShouldBeProblemAsync(HttpStatusCode.Conflict, "note-forbidden");
        (await CountAsync("refused")).ShouldBe(0);

        await ReadAsync(await PostAsync("key-refused", new { id = "refused", text = "allowed" }));

        (await CountAsync("refused")).ShouldBe(1);
    }

    [Fact]
    public async Task Two_callers_may_use_the_same_key()
    {
        using var wang = notes.Deployment.Browser();
        await wang.SignInAsync(CallerKind.BillingUser, "wang");

        await ReadAsync(await PostAsync("key-shared", new { id = "shared", text = "one" }));
        await ReadAsync(await PostAsync("key-shared", new { id = "shared", text = "two" }, wang));

        (await CountAsync("shared")).ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_key_each_request_counts()
    {
        await ReadAsync(await browser.PostAsJsonAsync("/api/notes", new { id = "no-key", text = "x" }, Cancel));
        await ReadAsync(await browser.PostAsJsonAsync("/api/notes", new { id = "no-key", text = "x" }, Cancel));

        (await CountAsync("no-key")).ShouldBe(2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("too-long")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/notes") { Content = JsonContent.Create(new { id = "bad-key", text = "x" }) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key == "too-long" ? new string('k', 201) : key);

        await (await browser.SendAsync(request, Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "idempotency-key-invalid");
    }

    public void Dispose() => browser.Dispose();

    private static async Task<string> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return text;
    }

    private Task<HttpResponseMessage> PostAsync(string key, object note, HttpClient? by = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/notes") { Content = JsonContent.Create(note), Headers = { { "Idempotency-Key", key } } };
        return (by ?? browser).SendAsync(request, Cancel);
    }

    private async Task<int> CountAsync(string id)
    {
        await using var session = notes.Deployment.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return (await session.LoadAsync<Note>(id, Cancel))?.Count ?? 0;
    }
}
