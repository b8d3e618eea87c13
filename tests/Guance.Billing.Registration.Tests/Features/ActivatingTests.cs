using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Features;
using Guance.Billing.Settlement.Contracts;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Registration.Tests.Features;

[Collection(AtASite.Name)]
public sealed class ActivatingTests(SiteUnderTest site) : IDisposable
{
    private static readonly object Huawei =
        new { method = "huawei-cloud", workspaceName = "商店", workspaceLanguage = "zh", cloudAccountId = "0123456789abcdef0123456789abcdef", termsAccepted = true };

    public void Dispose()
    {
        site.BillingCenter.IsAway = false;
        site.BillingCenter.LosesAnswers = false;
        site.BillingCenter.Refusal = _ => null;
        site.Workspaces.CannotBeCreated = false;
    }

    [Fact]
    public async Task A_Huawei_account_settles_the_workspace_and_the_mail_speaks_its_language()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();

        var activated = (await somebody.ActivateAsync(Huawei)).ShouldBe(200);

        var ask = site.BillingCenter.AskedFor(somebody.Id).Distinct().ShouldHaveSingleItem();
        (ask.Method.Value, ask.CloudAccountId, ask.MethodOfferedAtSite).ShouldBe(("huawei-cloud", "0123456789abcdef0123456789abcdef", true));
        site.Workspaces.Last().CloudAccount.ShouldBe(new CloudAccountKey(CloudProvider.HuaweiCloud, "0123456789abcdef0123456789abcdef"));
        activated["workspaceId"].ShouldBe(site.Workspaces.Last().WorkspaceId.Value);
        (await site.Deployment.MailsToAsync(somebody.Email))[0].Subject.ShouldContain("已开通");
    }

    [Fact]
    public async Task While_the_Billing_Center_is_away_it_is_activating_and_completes_once_when_it_is_back()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        site.BillingCenter.IsAway = true;

        var activating = (await somebody.ActivateAsync()).ShouldBe(202);
        (activating["state"], activating["workspaceId"]).ShouldBe(("activating", null));
        (await somebody.ActivateAsync()).ShouldBe(202)["state"].ShouldBe("activating");
        (await somebody.ActivateAsync(Applicant.Plain("Other"))).ShouldBe(409, "activating");
        await RunJobsAsync();
        (await somebody.ViewAsync())["state"].ShouldBe("activating");

        site.BillingCenter.IsAway = false;
        await RunJobsAsync();
        await RunJobsAsync();

        var activated = (await somebody.ViewAsync()).ShouldBe(200);
        activated["state"].ShouldBe("activated");
        site.BillingCenter.AskedFor(somebody.Id).Distinct().ShouldHaveSingleItem();
        (await PublishedAsync(somebody.Id)).ShouldHaveSingleItem().WorkspaceId.Value.ShouldBe(activated["workspaceId"]);
        (await site.Deployment.MailsToAsync(somebody.Email)).Count(mail => mail.Subject.Contains("Shop")).ShouldBe(1);
        (await somebody.ActivateAsync()).ShouldBe(200)["workspaceId"].ShouldBe(activated["workspaceId"]);
    }

    [Fact]
    public async Task A_lost_answer_is_asked_for_again_with_the_same_content()
    {
        var somebody = await site.NewApplicant().WithAccountAsync("existing");
        site.BillingCenter.Open(somebody.Username);
        site.BillingCenter.LosesAnswers = true;
        var attaching = new { method = "billing-center", workspaceName = "Shop", workspaceLanguage = "en", termsAccepted = true, billingUsername = somebody.Username, billingCode = "424242" };
        (await somebody.ActivateAsync(attaching)).ShouldBe(202);

        site.BillingCenter.LosesAnswers = false;
        (await somebody.ActivateAsync(attaching)).ShouldBe(200)["billingUsername"].ShouldBe(somebody.Username);

        var asks = site.BillingCenter.AskedFor(somebody.Id).ToArray();
        asks.Length.ShouldBeGreaterThan(1);
        asks.Distinct().ShouldHaveSingleItem().ExistingAccount.ShouldBe(new ExistingBillingAccount(somebody.Username, "424242"));
    }

    [Fact]
    public async Task A_crash_between_request_and_answer_or_between_answer_and_workspace_leads_to_the_same_end()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        var id = RegistrationId.Of(somebody.Id);
        await site.Deployment.SendAsync(new RequestActivation(id, null, "billing-center", "Shop", "en", null, true, null, null, null, AskAtOnce: false));

        await RunJobsAsync();

        var activated = (await somebody.ViewAsync()).ShouldBe(200);
        activated["state"].ShouldBe("activated");
        (await PublishedAsync(somebody.Id)).ShouldHaveSingleItem().Name.ShouldBe("Shop");
        site.Workspaces.ShouldContain(workspace => workspace.WorkspaceId.Value == activated["workspaceId"]);
    }

    [Fact]
    public async Task Nobody_is_told_that_it_is_activated_before_its_workspace_is_there()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        site.Workspaces.CannotBeCreated = true;
        await somebody.ActivateAsync();
        (await somebody.ViewAsync())["state"].ShouldBe("activating");

        site.Workspaces.CannotBeCreated = false;
        await RunJobsAsync();

        var activated = await somebody.ViewAsync();
        activated["state"].ShouldBe("activated");
        site.Workspaces.ShouldContain(workspace => workspace.WorkspaceId.Value == activated["workspaceId"]);
    }

    [Fact]
    public async Task The_same_answer_noted_twice_at_once_counts_once()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        var id = RegistrationId.Of(somebody.Id);
        await site.Deployment.SendAsync(new RequestActivation(id, null, "billing-center", "Shop", "en", null, true, null, null, null, AskAtOnce: false));
        var complete = new CompleteActivation(id, new(Ids.Deterministic<BillingAccountId>("a"), "a", SettlementMethod.BillingCenter, null, site.Deployment.Clock.GetUtcNow()));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => site.Deployment.SendAsync(complete)));

        (await PublishedAsync(somebody.Id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_username_taken_meanwhile_leads_back_to_step_three_and_attaching_helps()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        site.BillingCenter.Open(somebody.Username.ToUpperInvariant());

        (await somebody.ActivateAsync()).ShouldBe(409, "username-taken");
        var view = await somebody.ViewAsync();
        (view["state"], view["step"], view.Json!["problem"]!["code"]!.ToString()).ShouldBe(("account-created", "3", "username-taken"));
        (await somebody.ActivateAsync(new { method = "billing-center", workspaceName = "Shop", workspaceLanguage = "en", termsAccepted = true, billingUsername = somebody.Username, billingCode = "000000" }))
            .ShouldBe(422, "billing-code-wrong");

        (await somebody.ActivateAsync(new { method = "billing-center", workspaceName = "Shop", workspaceLanguage = "en", termsAccepted = true, billingUsername = somebody.Username, billingCode = "424242" }))
            .ShouldBe(200);
        (await somebody.ViewAsync()).Json!["problem"].ShouldBeNull();
    }

    [Fact]
    public async Task A_username_taken_meanwhile_can_be_replaced_by_another_one()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        site.BillingCenter.Open(somebody.Username);
        (await somebody.ActivateAsync()).ShouldBe(409, "username-taken");

        (await somebody.ActivateAsync(new { method = "billing-center", workspaceName = "Shop", workspaceLanguage = "en", termsAccepted = true, newBillingUsername = somebody.Username + "-2" }))
            .ShouldBe(200)["billingUsername"].ShouldBe(somebody.Username + "-2");
    }

    [Fact]
    public async Task A_refusal_keeps_its_status_and_details()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        site.BillingCenter.Refusal = _ => BillingRefusal.Unprocessable("cloud-account-unknown", "Buy first.", new Dictionary<string, object?> { ["marketUrl"] = "https://market.example" });

        (await somebody.ActivateAsync(Huawei)).ShouldBe(422, "cloud-account-unknown")["marketUrl"].ShouldBe("https://market.example");

        (await somebody.ViewAsync())["state"].ShouldBe("account-created");
    }

    [Fact]
    public async Task A_no_to_the_asking_is_no_answer()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        site.BillingCenter.Refusal = _ => new(RefusalKind.Unavailable, "unavailable", "Try again.");
        (await somebody.ActivateAsync()).ShouldBe(202);
        site.BillingCenter.Refusal = _ => null;
        await RunJobsAsync();
        (await somebody.ViewAsync())["state"].ShouldBe("activated");
    }

    [Fact]
    public async Task One_that_always_fails_does_not_hold_the_others()
    {
        var people = new List<Applicant>();
        site.BillingCenter.IsAway = true;
        for (var count = 0; count < 10; count++)
        {
            var somebody = await site.NewApplicant().WithAccountAsync();
            (await somebody.ActivateAsync()).ShouldBe(202);
            people.Add(somebody);
        }

        var poison = people.MinBy(somebody => somebody.Id, StringComparer.Ordinal)!;
        site.BillingCenter.Refusal = ask => ask.RegistrationId.Value == poison.Id ? throw new InvalidOperationException("A bug.") : null;
        site.BillingCenter.IsAway = false;
        await Should.ThrowAsync<AggregateException>(RunActivationsAsync);

        foreach (var somebody in people.Where(somebody => somebody != poison))
        {
            (await somebody.ViewAsync())["state"].ShouldBe("activated");
        }

        (await poison.ViewAsync())["state"].ShouldBe("activating");
        site.BillingCenter.Refusal = _ => null;
        await RunJobsAsync();
        (await poison.ViewAsync())["state"].ShouldBe("activated");
    }

    private Task RunJobsAsync() => site.Deployment.AdvanceAsync(TimeSpan.FromSeconds(5));

    private async Task RunActivationsAsync()
    {
        await using var scope = site.Deployment.Services.CreateAsyncScope();
        await site.Deployment.Services.GetServices<Tick>().Single(tick => tick.Id == "registration:activate").Create(scope.ServiceProvider)
            .RunAsync(TestContext.Current.CancellationToken);
    }

    private async Task<IReadOnlyList<RegistrationActivatedIntegrationEvent>> PublishedAsync(string id)
    {
        await using var session = site.Deployment.Services.GetRequiredService<IDocumentStore>().QuerySession();
        var mapper = site.Deployment.Services.GetServices<IIntegrationEventMapper>().Single(m => m.GetType().Assembly == typeof(RegistrationModule).Assembly);
        return [.. (await session.Events.FetchStreamAsync(id, token: TestContext.Current.CancellationToken)).Select(mapper.Map).OfType<RegistrationActivatedIntegrationEvent>()];
    }
}
