using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Guance.Billing.Client;
using Guance.Billing.Client.BillingCenter.Models;
using Guance.Billing.TestKit;

namespace Guance.Billing.Story.Tests;

/// <summary>The client is made from what deployments say of their API, and does once what it is asked, however often it has to ask.</summary>
[Collection(InOneWorld.Name)]
public sealed class ClientTests(AWorld world)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("billing-center")]
    [InlineData("site")]
    public async Task The_client_is_made_from_the_documents_that_deployments_serve(string name)
    {
        var document = await DocumentAsync(name);
        Approved.ShouldEqual(
            $"../../src/Guance.Billing.Client/openapi/{name}.json",
            document.ToJsonString(Indented).Replace(world.Places.BillingCenterUrl, "https://billing-center.example", StringComparison.Ordinal)
                .Replace(world.Places.Cn4Url, "https://site.example", StringComparison.Ordinal).Split('\n'),
            "The API has changed, and the client with it.");
    }

    [Theory]
    [InlineData("billing-center")]
    [InlineData("site")]
    public async Task Every_operation_says_what_it_answers(string name)
    {
        var document = await DocumentAsync(name);
        // Deployments ask each other in words of their own; and one page is for people who have its link.
        var silent =
            from path in document["paths"]!.AsObject()
            where !path.Key.StartsWith("/feed/", StringComparison.Ordinal) && !path.Key.StartsWith("/ask/", StringComparison.Ordinal) && !path.Key.StartsWith("/unlock/", StringComparison.Ordinal)
            from operation in path.Value!.AsObject()
            from answer in operation.Value!["responses"]!.AsObject()
            where answer.Key is not ("202" or "204") && answer.Value!["content"] is null
            select $"{operation.Key} {path.Key} {answer.Key}";
        silent.ShouldBeEmpty();
        document["components"]!["schemas"]!.AsObject().Select(schema => schema.Key).ShouldNotContain("Body", "of which there are many");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_asked_again_after_an_answer_was_lost_or_broke_off_is_done_once_and_a_refusal_says_why(bool breaksOff)
    {
        using var me = new Customer(world.Places, world.New("client"));
        await me.RegisterAsync(world.Places.Cn4Url);
        await me.SignInToBillingCenterAsync();
        var account = Text(await me.BillingCenter.GetAsync("/api/billing-account"), "id");
        var losing = new LosesAnswers(breaksOff);
        var accounts = GuanceBilling.BillingCenter(new()
        {
            Url = new(world.Places.BillingCenterUrl), ClientId = "dev-operator", ClientSecret = "dev-operator-secret", Scopes = ["operator"], Inner = losing,
        }).Api.Operator.BillingAccounts;

        var credited = await accounts[account].Cash.PostAsync(new() { Amount = new() { Amount = "7.00", Currency = "CNY" } }, cancellationToken: Cancel);

        losing.Lost.ShouldBe(["/connect/token", $"/api/operator/billing-accounts/{account}/cash"]);
        (credited!.Amount!.Amount, credited.Cash!.Amount).ShouldBe(("7.00", "7.00"), "the first answer, not a second seven");
        Text((await me.BillingCenter.GetAsync("/api/billing-account"))["balances"]!["cash"]!, "amount").ShouldBe("7.00");

        var refused = await Should.ThrowAsync<Problem>(() => accounts[account].Cash.PostAsync(new() { Amount = new() { Amount = "-1.00", Currency = "CNY" } }, cancellationToken: Cancel));
        (refused.Code, refused.ResponseStatusCode).ShouldBe(("amount-invalid", 400));
        refused.Message.ShouldBe(refused.Detail);
    }

    private async Task<JsonNode> DocumentAsync(string name)
    {
        using var anyone = new Person(name == "site" ? world.Places.Cn4Url : world.Places.BillingCenterUrl);
        return await anyone.GetAsync("/openapi/v1.json");
    }

    /// <summary>Of each address, the first answer never arrives, or no more than its beginning, though what was asked is done.</summary>
    private sealed class LosesAnswers(bool breaksOff) : DelegatingHandler(new SocketsHttpHandler())
    {
        public List<string> Lost { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (Lost.Contains(request.RequestUri!.AbsolutePath))
            {
                return answer;
            }

            Lost.Add(request.RequestUri.AbsolutePath);
            if (breaksOff)
            {
                answer.Content = new HalfOf(answer.Content);
                return answer;
            }

            answer.Dispose();
            throw new HttpRequestException("The answer was lost.");
        }
    }

    private sealed class HalfOf : HttpContent
    {
        private readonly HttpContent whole;

        public HalfOf(HttpContent whole)
        {
            this.whole = whole;
            Headers.ContentType = whole.Headers.ContentType;
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var bytes = await whole.ReadAsByteArrayAsync(Cancel);
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), Cancel);
            throw new HttpIOException(HttpRequestError.ResponseEnded, "The answer breaks off.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
