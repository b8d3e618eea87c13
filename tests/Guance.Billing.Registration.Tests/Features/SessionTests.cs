namespace Guance.Billing.Registration.Tests.Features;

[Collection(AtASite.Name)]
public sealed class SessionTests(SiteUnderTest site)
{
    [Fact]
    public async Task Username_and_password_open_a_session_that_can_be_closed()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        var browser = site.NewApplicant();
        (await browser.GetAsync("/api/session")).ShouldBe(401, "not-signed-in");
        (await browser.SignInAsync(somebody.Username)).ShouldBe(200);
        (await browser.GetAsync("/api/session")).ShouldBe(200)["username"].ShouldBe(somebody.Username);
        (await browser.SendAsync(HttpMethod.Delete, "/api/session")).ShouldBe(204);
        (await browser.GetAsync("/api/session")).ShouldBe(401, "not-signed-in");
    }

    [Theory]
    [InlineData("nobody-here", Applicant.Password)]
    [InlineData("a\u0000b", Applicant.Password)]
    [InlineData(null, null)]
    public async Task Who_is_not_known_is_told_no_more_than_that(string? username, string? password) =>
        (await site.NewApplicant().PostAsync("/api/session", new { username, password })).ShouldBe(401, "sign-in-failed");

    [Fact]
    public async Task Five_wrong_passwords_lock_the_account_for_fifteen_minutes()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        for (var failure = 1; failure <= 5; failure++)
        {
            (await somebody.SignInAsync(password: "Wrong-horse-7")).ShouldBe(401, "sign-in-failed");
        }

        (await somebody.SignInAsync()).ShouldBe(401, "sign-in-failed");
        await site.Deployment.AdvanceAsync(TimeSpan.FromMinutes(15));
        (await somebody.SignInAsync()).ShouldBe(200);
    }

    [Fact]
    public async Task Four_wrong_passwords_do_not_lock_and_a_right_one_starts_the_count_again()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        for (var round = 1; round <= 2; round++)
        {
            for (var failure = 1; failure <= 4; failure++)
            {
                (await somebody.SignInAsync(password: "Wrong-horse-7")).ShouldBe(401, "sign-in-failed");
            }

            (await somebody.SignInAsync()).ShouldBe(200);
        }
    }
}
