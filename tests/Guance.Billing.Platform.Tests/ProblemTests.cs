using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Guance.Billing.Platform.Tests;

public sealed class ProblemTests(NotesDeployment notes) : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly HttpClient browser = notes.Deployment.Browser();

    [Theory]
    [InlineData("refusal", HttpStatusCode.PreconditionFailed, "note-stale")]
    [InlineData("outage", HttpStatusCode.ServiceUnavailable, "unavailable")]
    [InlineData("database-away", HttpStatusCode.ServiceUnavailable, "unavailable")]
    [InlineData("no-server-writes", HttpStatusCode.ServiceUnavailable, "unavailable")]
    [InlineData("conflict", HttpStatusCode.Conflict, "try-again")]
    [InlineData("bug", HttpStatusCode.InternalServerError, "internal-error")]
    public async Task Whatever_is_thrown_becomes_a_problem_that_tells_nothing_of_the_inside(string what, HttpStatusCode status, string code)
    {
        var problem = await (await browser.PostAsync($"/api/throw/{what}", null, Cancel)).ShouldBeProblemAsync(status, code);

        problem.ContainsKey("nextChangeAt").ShouldBe(what == "refusal");
    }

    [Theory]
    [InlineData("{\"id\": \"x\", ", null)]
    [InlineData("", null)]
    [InlineData("[]", null)]
    [InlineData("{\"id\": 7, \"text\": \"x\"}", "id")]
    [InlineData("{\"id\": \"x\", \"price\": {\"amount\": \"cheap\", \"currency\": \"CNY\"}}", "price")]
    [InlineData("{\"id\": \"x\", \"price\": {\"amount\": \"1\", \"currency\": \"money\"}}", "currency")]
    [InlineData("{\"id\": \"\\ud800\", \"text\": \"x\"}", "id")]
    [InlineData("{\"id\": \"nul\", \"text\": \"\\u0000\"}", null)]
    public async Task A_body_that_cannot_be_read_is_refused_with_the_name_of_the_field(string body, string? field)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        var problem = await (await browser.PostAsync("/api/notes", content, Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "bad-request");

        problem["field"]?.GetValue<string>().ShouldBe(field);
        problem.ContainsKey("field").ShouldBe(field is not null);
    }

    [Fact]
    public async Task A_field_that_is_not_known_is_no_error()
    {
        using var answer = await browser.PostAsJsonAsync("/api/notes", new { id = "unknown-field", text = "x", colour = "blue" }, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_rule_of_a_request_that_is_broken_names_its_field_and_code()
    {
        var problem = await (await browser.PostAsJsonAsync("/api/notes", new { text = "x" }, Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "id-missing");

        problem["field"]!.GetValue<string>().ShouldBe("id");
        problem["errors"]!.AsArray().Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("GET", "/api/nothing-here", HttpStatusCode.NotFound, "not-found")]
    [InlineData("GET", "/api/notes/wksp_nonsense", HttpStatusCode.NotFound, "not-found")]
    [InlineData("GET", "/api/search?limit=many", HttpStatusCode.BadRequest, "bad-request")]
    [InlineData("GET", "/api/search", HttpStatusCode.BadRequest, "bad-request")]
    [InlineData("PATCH", "/api/notes", HttpStatusCode.MethodNotAllowed, "method-not-allowed")]
    public async Task Addresses_and_methods_that_are_wrong_get_problems(string method, string path, HttpStatusCode status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        await (await browser.SendAsync(request, Cancel)).ShouldBeProblemAsync(status, code);
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        using var content = new StringContent("<note/>", new MediaTypeHeaderValue("application/xml"));

        await (await browser.PostAsync("/api/notes", content, Cancel)).ShouldBeProblemAsync(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_refused(bool withKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/notes") { Content = JsonContent.Create(new { id = "large", text = new string('x', 2 << 20) }) };
        if (withKey)
        {
            request.Headers.Add("Idempotency-Key", "large");
        }

        await (await browser.SendAsync(request, Cancel)).ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "body-too-large");
    }

    [Fact]
    public async Task Every_answer_carries_the_headers_that_keep_browsers_safe()
    {
        foreach (var path in new[] { "/api/anyone", "/api/nothing-here", "/api/console", "/docs" })
        {
            using var answer = await browser.GetAsync(path, Cancel);

            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"], path);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            policy.ShouldContain("default-src 'self'", customMessage: path);
            policy.ShouldContain("frame-ancestors 'none'", customMessage: path);
            answer.Headers.Contains("Server").ShouldBeFalse();
        }

        using var failed = await browser.PostAsync("/api/throw/bug", null, Cancel);
        failed.Headers.Contains("X-Content-Type-Options").ShouldBeTrue();
    }

    public void Dispose() => browser.Dispose();
}
