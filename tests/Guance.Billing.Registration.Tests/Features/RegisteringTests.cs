using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Settlement.Contracts;
using Marten;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Registration.Tests.Features;

[Collection(AtASite.Name)]
public sealed class RegisteringTests(SiteUnderTest site)
{
    [Fact]
    public async Task Three_steps_lead_to_a_workspace_a_billing_account_and_a_session()
    {
        var somebody = site.NewApplicant();

        var started = (await somebody.StartAsync()).ShouldBe(201);
        (started["state"], started["step"], started["toDo"]).ShouldBe(("started", "1", "email-confirmation"));
        started.Json!["emailCode"]!["resendInSeconds"]!.GetValue<int>().ShouldBeInRange(50, 60);

        var confirmed = (await somebody.ConfirmAsync(await somebody.CodeAsync())).ShouldBe(200);
        (confirmed["state"], confirmed["step"], confirmed["toDo"]).ShouldBe(("email-confirmed", "2", "company"));

        var registered = (await somebody.ProvideCompanyAsync()).ShouldBe(200);
        (registered["state"], registered["step"], registered["toDo"]).ShouldBe(("account-created", "3", "activation"));
        (await somebody.GetAsync("/api/session")).ShouldBe(200)["username"].ShouldBe(somebody.Username);

        var activated = (await somebody.ActivateAsync()).ShouldBe(200);
        activated["state"].ShouldBe("activated");
        // The job asks again when an answer is slow.
        var ask = site.BillingCenter.AskedFor(somebody.Id).Distinct().ShouldHaveSingleItem();
        activated["workspaceId"].ShouldBe(ask.WorkspaceId.Value);
        activated["billingAccountId"].ShouldStartWith("acct_");
        activated["billingUsername"].ShouldBe(somebody.Username);

        var created = site.Workspaces.Where(workspace => workspace.WorkspaceId == ask.WorkspaceId).ShouldHaveSingleItem();
        (created.Name, created.Language, created.Method).ShouldBe(("Shop", "en", SettlementMethod.BillingCenter));
        var contact = (await site.Deployment.SendAsync(new GetConsoleUserContacts([created.OwnerUserId, "nobody"]))).ShouldHaveSingleItem();
        contact.ShouldBe(new ConsoleUserContact(created.OwnerUserId, somebody.Username, somebody.Email));

        var mail = (await site.Deployment.MailsToAsync(somebody.Email))[0];
        mail.Subject.ShouldContain("Shop");
        mail.Text.ShouldContain(created.WorkspaceId.Value);
    }

    [Fact]
    public async Task The_billing_account_gets_a_hash_of_the_initial_password_and_no_secret_stays_behind()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        (await SecretsAsync(somebody.Id)).ShouldBe(1);

        (await somebody.ActivateAsync()).ShouldBe(200);

        var account = site.BillingCenter.AskedFor(somebody.Id).Distinct().Single().NewAccount.ShouldNotBeNull();
        new PasswordHasher<object>().VerifyHashedPassword(new(), account.PasswordHash, Applicant.Password).ShouldBe(PasswordVerificationResult.Success);
        (account.Username, account.Email, account.CompanyName).ShouldBe((somebody.Username, somebody.Email, "Acme Ltd"));
        (await SecretsAsync(somebody.Id)).ShouldBe(0);
        var events = await EventsAsync(somebody.Id);
        events.ShouldNotContain(account.PasswordHash);
        events.ShouldNotContain(Applicant.Password);
    }

    [Fact]
    public async Task Each_finished_step_repeated_with_the_same_content_answers_as_before()
    {
        var somebody = site.NewApplicant();
        await somebody.StartAsync();
        var code = await somebody.CodeAsync();
        (await somebody.ConfirmAsync(code)).ShouldBe(200);
        (await somebody.ConfirmAsync(code)).ShouldBe(200)["state"].ShouldBe("email-confirmed");
        (await somebody.ProvideCompanyAsync()).ShouldBe(200);
        (await somebody.ProvideCompanyAsync()).ShouldBe(200)["state"].ShouldBe("account-created");
        var first = (await somebody.ActivateAsync()).ShouldBe(200);
        var second = (await somebody.ActivateAsync()).ShouldBe(200);
        second["workspaceId"].ShouldBe(first["workspaceId"]);
        second["billingAccountId"].ShouldBe(first["billingAccountId"]);

        (await KindsOfEventsAsync(somebody.Id)).ShouldBe(
        [
            nameof(RegistrationStarted), nameof(EmailConfirmed), nameof(CompanyProvided), nameof(ConsoleAccountCreated),
            nameof(ActivationRequested), nameof(RegistrationActivated),
        ]);
    }

    [Fact]
    public async Task Finished_steps_are_not_changed_by_other_content()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        (await somebody.ProvideCompanyAsync(new { companyName = "Other Ltd", agreementsAccepted = true })).ShouldBe(409, "company-already-provided");
        (await somebody.PostAsync($"{somebody.Path}/email-code")).ShouldBe(409, "email-already-confirmed");
        (await somebody.ActivateAsync()).ShouldBe(200);
        (await somebody.ActivateAsync(Applicant.Plain("Other"))).ShouldBe(409, "already-activated");
    }

    [Fact]
    public async Task Steps_out_of_order_name_the_step_to_do()
    {
        var somebody = site.NewApplicant();
        await somebody.StartAsync();
        (await somebody.ProvideCompanyAsync()).ShouldBe(409, "step-not-reached")["toDo"].ShouldBe("email-confirmation");
        (await somebody.ActivateAsync()).ShouldBe(409, "step-not-reached")["toDo"].ShouldBe("email-confirmation");
        await somebody.ConfirmAsync(await somebody.CodeAsync());
        (await somebody.ActivateAsync()).ShouldBe(409, "step-not-reached")["toDo"].ShouldBe("company");
        (await somebody.PostAsync($"{somebody.Path}/billing-account-code", new { billingUsername = "boss" })).ShouldBe(409, "step-not-reached");
    }

    [Fact]
    public async Task Who_stopped_after_step_two_signs_in_later_and_goes_on()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        (await somebody.SendAsync(HttpMethod.Delete, "/api/session")).ShouldBe(204);
        (await somebody.GetAsync("/api/registrations")).ShouldBe(401, "not-signed-in");

        (await somebody.SignInAsync(somebody.Username.ToUpperInvariant())).ShouldBe(200)["username"].ShouldBe(somebody.Username);
        var unfinished = (await somebody.GetAsync("/api/registrations")).ShouldBe(200).Json!["items"]!.AsArray();
        unfinished.ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe(somebody.Id);
        (await somebody.ActivateAsync()).ShouldBe(200);
        (await somebody.GetAsync("/api/registrations")).ShouldBe(200).Json!["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_registration_without_account_is_anybodys_who_has_its_id_and_then_not_another_users()
    {
        var somebody = site.NewApplicant();
        await somebody.StartAsync();
        var other = await site.NewApplicant().WithAccountAsync();
        (await other.GetAsync(somebody.Path)).ShouldBe(200);

        await somebody.ConfirmAsync(await somebody.CodeAsync());
        await somebody.ProvideCompanyAsync();

        (await other.GetAsync(somebody.Path)).ShouldBe(404, "registration-not-found");
        (await other.PutAsync($"{somebody.Path}/company", Applicant.Company)).ShouldBe(404, "registration-not-found");
        (await other.PutAsync($"{somebody.Path}/activation", Applicant.Plain())).ShouldBe(404, "registration-not-found");
        (await other.PostAsync($"{somebody.Path}/billing-account-code", new { billingUsername = "boss" })).ShouldBe(404, "registration-not-found");
        (await site.NewApplicant().GetAsync(somebody.Path)).ShouldBe(200);
        (await other.GetAsync("/api/registrations/reg_00000000000000000000000000000000")).ShouldBe(404, "registration-not-found");
    }

    [Fact]
    public async Task Giving_the_company_again_signs_in_only_for_a_short_while()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        await site.Deployment.AdvanceAsync(TimeSpan.FromMinutes(11));

        var finder = site.NewApplicant();
        (await finder.PutAsync($"{somebody.Path}/company", Applicant.Company)).ShouldBe(200);

        (await finder.GetAsync("/api/session")).ShouldBe(401, "not-signed-in");
    }

    [Fact]
    public async Task An_idempotency_key_gives_the_first_registration_again()
    {
        var somebody = site.NewApplicant();
        var first = (await somebody.PostAsync("/api/registrations", somebody.Start(), "key-1")).ShouldBe(201);
        var again = (await somebody.PostAsync("/api/registrations", somebody.Start(), "key-1")).ShouldBe(201);

        again.Json!.ToJsonString().ShouldBe(first.Json!.ToJsonString());
        (await site.Deployment.MailsToAsync(somebody.Email)).Count.ShouldBe(1);
        (await somebody.PostAsync("/api/registrations", somebody.Start("existing"), "key-1")).ShouldBe(409, "idempotency-key-reused");
    }

    [Fact]
    public async Task Of_two_registrations_with_one_username_at_once_the_first_to_finish_step_two_gets_it()
    {
        var (one, two) = (site.NewApplicant(), site.NewApplicant());
        object Start(Applicant applicant) => new { username = $"Shared-{one.Username}", password = Applicant.Password, email = applicant.Email };
        var ids = new List<string>();
        foreach (var applicant in new[] { one, two })
        {
            ids.Add((await applicant.PostAsync("/api/registrations", Start(applicant))).ShouldBe(201)["id"]!);
            (await applicant.PostAsync($"/api/registrations/{ids[^1]}/email-confirmation", new { code = await applicant.CodeAsync() })).ShouldBe(200);
        }

        var replies = await Task.WhenAll(
            one.PutAsync($"/api/registrations/{ids[0]}/company", Applicant.Company), two.PutAsync($"/api/registrations/{ids[1]}/company", Applicant.Company));

        replies.Select(reply => reply.Status).Order().ShouldBe([200, 409]);
        replies.Single(reply => reply.Status == 409).Code.ShouldBe("username-taken-at-site");
    }

    [Fact]
    public async Task A_username_or_address_of_the_site_is_refused_whatever_its_case()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        var other = site.NewApplicant();
        (await other.PostAsync("/api/registrations", new { username = somebody.Username.ToUpperInvariant(), password = Applicant.Password, email = other.Email }))
            .ShouldBe(409, "username-taken-at-site");
        (await other.PostAsync("/api/registrations", new { username = other.Username, password = Applicant.Password, email = somebody.Email.ToUpperInvariant() }))
            .ShouldBe(409, "email-taken-at-site");
    }

    [Fact]
    public async Task A_username_of_the_Billing_Center_is_refused_unless_that_account_is_to_be_attached_or_it_is_away()
    {
        var somebody = site.NewApplicant();
        site.BillingCenter.Open(somebody.Username);

        (await somebody.StartAsync()).ShouldBe(409, "username-taken");
        (await somebody.StartAsync("existing")).ShouldBe(201)["billingAccount"].ShouldBe("existing");
        site.BillingCenter.IsAway = true;
        try
        {
            (await somebody.StartAsync()).ShouldBe(201);
        }
        finally
        {
            site.BillingCenter.IsAway = false;
        }
    }

    [Theory]
    [InlineData("username", "a", "username-invalid")]
    [InlineData("username", " acme", "username-invalid")]
    [InlineData("username", "ac\u0000me", "username-invalid")]
    [InlineData("username", null, "username-invalid")]
    [InlineData("username", "0123456789012345678901234567890123456789012345678901234567890123x", "username-invalid")]
    [InlineData("password", "Short-7", "password-invalid")]
    [InlineData("password", "only-letters-here", "password-invalid")]
    [InlineData("password", "Correct-horse-7-Correct-horse-7-x", "password-invalid")]
    [InlineData("email", "nobody", "email-invalid")]
    [InlineData("email", "a@b", "email-invalid")]
    [InlineData("email", "a@b.example\r\nBcc: c@d.example", "email-invalid")]
    [InlineData("phone", "12345", "phone-invalid")]
    [InlineData("phone", "+86123", "phone-invalid")]
    [InlineData("billingAccount", "both", "billing-account-invalid")]
    public async Task A_wrong_field_of_step_one_is_named(string field, string? value, string code)
    {
        var somebody = site.NewApplicant();
        var body = new Dictionary<string, string?>
        {
            ["username"] = somebody.Username, ["password"] = Applicant.Password, ["email"] = somebody.Email, ["phone"] = null, ["billingAccount"] = "new",
        };
        body[field] = value;

        (await somebody.PostAsync("/api/registrations", body)).ShouldBe(400, code)["field"].ShouldBe(field);
    }

    [Fact]
    public async Task Fields_at_the_border_are_accepted_and_the_phone_is_kept_as_E164()
    {
        var somebody = site.NewApplicant();
        var reply = await somebody.PostAsync("/api/registrations", new
        {
            username = somebody.Username.PadRight(64, '观'), password = "Correc-7", email = somebody.Email, phone = "+86 138 0013 8000",
        });
        reply.ShouldBe(201)["phone"].ShouldBe("+8613800138000");
        var twoLetters = site.NewApplicant();
        (await twoLetters.PostAsync("/api/registrations", new { username = "观测", password = "Correct-horse-7-Correct-horse-7-", email = twoLetters.Email })).ShouldBe(201);
    }

    [Fact]
    public async Task All_wrong_fields_are_named_at_once() =>
        (await site.NewApplicant().PostAsync("/api/registrations", new { })).ShouldBe(400, "username-invalid")
            .Json!["errors"]!.AsArray().Select(error => error!["field"]!.ToString()).ShouldBe(["username", "password", "email"]);

    [Theory]
    [InlineData("companyName", "", "company-name-invalid")]
    [InlineData("companyName", "a\u0007b", "company-name-invalid")]
    [InlineData("agreementsAccepted", false, "agreements-not-accepted")]
    [InlineData("industry", "a\u0000", "industry-invalid")]
    [InlineData("region", "a\u0000", "region-invalid")]
    [InlineData("introduction", "a\u0000", "introduction-invalid")]
    [InlineData("contactName", "a\u0000", "contact-name-invalid")]
    [InlineData("contactEmail", "nobody", "contact-email-invalid")]
    [InlineData("contactPhone", "a\u0000", "contact-phone-invalid")]
    public async Task A_wrong_field_of_step_two_is_named(string field, object value, string code)
    {
        var somebody = site.NewApplicant();
        await somebody.StartAsync();
        await somebody.ConfirmAsync(await somebody.CodeAsync());
        var body = new Dictionary<string, object> { ["companyName"] = "Acme Ltd", ["agreementsAccepted"] = true };
        body[field] = value;

        (await somebody.ProvideCompanyAsync(body)).ShouldBe(400, code)["field"].ShouldBe(field);
        (await somebody.ViewAsync())["state"].ShouldBe("email-confirmed");
    }

    [Theory]
    [InlineData("method", "Nonsense!", "method-unknown")]
    [InlineData("method", "azure", "method-unknown")]
    [InlineData("workspaceName", "", "workspace-name-invalid")]
    [InlineData("workspaceLanguage", "fr", "workspace-language-invalid")]
    [InlineData("cloudAccountId", "a b", "cloud-account-id-invalid")]
    [InlineData("cloudAccountId", "0123", "cloud-account-id-unexpected")]
    [InlineData("termsAccepted", false, "terms-not-accepted")]
    [InlineData("billingUsername", "x", "billing-username-invalid")]
    [InlineData("billingCode", "1\u00002", "billing-code-invalid")]
    [InlineData("billingCode", "123456", "billing-username-missing", "billingUsername")]
    [InlineData("billingUsername", "boss", "billing-code-missing", "billingCode")]
    [InlineData("newBillingUsername", "x", "new-billing-username-invalid")]
    public async Task A_wrong_field_of_step_three_is_named_and_nothing_is_asked(string field, object value, string code, string? named = null)
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        var body = new Dictionary<string, object> { ["method"] = "billing-center", ["workspaceName"] = "Shop", ["workspaceLanguage"] = "zh", ["termsAccepted"] = true };
        body[field] = value;

        (await somebody.ActivateAsync(body)).ShouldBe(400, code)["field"].ShouldBe(named ?? field);
        site.BillingCenter.AskedFor(somebody.Id).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_site_offers_the_Billing_Center_and_its_host_cloud()
    {
        var offered = (await site.NewApplicant().GetAsync("/api/activation-methods")).ShouldBe(200);
        (offered["site"], offered["hostCloud"], offered["preselected"]).ShouldBe(("cn4", "huawei-cloud", "huawei-cloud"));
        var items = offered.Json!["items"]!.AsArray();
        items.Select(item => item!["method"]!.ToString()).ShouldBe(["billing-center", "huawei-cloud"]);
        items[1]!["fields"]!.AsArray().Select(field => field!.ToString()).ShouldBe(["cloudAccountId"]);
        items[1]!["marketUrl"]!.ToString().ShouldBe("https://market.example/product");
    }

    [Fact]
    public async Task The_Billing_Center_mails_a_code_to_attach_an_account_once_for_one_key()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        (await somebody.PostAsync($"{somebody.Path}/billing-account-code", new { billingUsername = "boss" }, "code-1")).ShouldBe(202)["expiresAt"].ShouldNotBeNull();
        (await somebody.PostAsync($"{somebody.Path}/billing-account-code", new { billingUsername = "boss" }, "code-1")).ShouldBe(202);

        var asks = site.BillingCenter.Asked.OfType<SendBillingAccountCode>().Where(ask => ask.RegistrationId.Value == somebody.Id).ToArray();
        asks.Distinct().ShouldHaveSingleItem().BillingUsername.ShouldBe("boss");
        (await somebody.PostAsync($"{somebody.Path}/billing-account-code", new { billingUsername = "b" })).ShouldBe(400, "billing-username-invalid");
    }

    private async Task<long> SecretsAsync(string id)
    {
        await using var command = site.Deployment.Services.GetRequiredService<NpgsqlDataSource>()
            .CreateCommand("select count(*) from registration.secret where registration_id = $1");
        command.Parameters.Add(new() { Value = id });
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task<string> EventsAsync(string id)
    {
        await using var command = site.Deployment.Services.GetRequiredService<NpgsqlDataSource>()
            .CreateCommand("select string_agg(data::text, ' ') from events.mt_events where stream_id = $1");
        command.Parameters.Add(new() { Value = id });
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task<string[]> KindsOfEventsAsync(string id)
    {
        await using var session = site.Deployment.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return [.. (await session.Events.FetchStreamAsync(id, token: TestContext.Current.CancellationToken)).Select(e => e.EventType.Name)];
    }
}
