namespace Guance.Billing.Registration.Tests.Features;

[Collection(AtASite.Name)]
public sealed class EmailCodeTests(SiteUnderTest site)
{
    [Fact]
    public async Task Five_wrong_tries_are_counted_and_then_the_right_code_fails_until_a_new_one_is_mailed()
    {
        var somebody = site.NewApplicant();
        await somebody.StartAsync();
        var (right, wrong) = (await somebody.CodeAsync(), await somebody.WrongCodeAsync());
        for (var triesLeft = 4; triesLeft >= 0; triesLeft--)
        {
            (await somebody.ConfirmAsync(wrong)).ShouldBe(422, "code-wrong")["triesLeft"].ShouldBe($"{triesLeft}");
        }

        (await somebody.ConfirmAsync(right)).ShouldBe(422, "code-tries-used-up");
        await site.Deployment.AdvanceAsync(TimeSpan.FromSeconds(60));
        (await somebody.PostAsync($"{somebody.Path}/email-code")).ShouldBe(202);
        (await somebody.ConfirmAsync(await somebody.CodeAsync())).ShouldBe(200);
    }

    [Fact]
    public async Task Tries_at_the_same_moment_are_all_counted()
    {
        var somebody = site.NewApplicant();
        await somebody.StartAsync();
        var wrong = await somebody.WrongCodeAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => somebody.ConfirmAsync(wrong)));

        replies.Count(reply => reply.Code == "code-wrong").ShouldBe(5);
        replies.Count(reply => reply.Code == "code-tries-used-up").ShouldBe(3);
    }

    [Fact]
    public async Task A_code_expires_after_ten_minutes()
    {
        var somebody = site.NewApplicant();
        await somebody.StartAsync();
        var code = await somebody.CodeAsync();
        await site.Deployment.AdvanceAsync(TimeSpan.FromMinutes(10));

        (await somebody.ConfirmAsync(code)).ShouldBe(422, "code-expired");
        (await somebody.PostAsync($"{somebody.Path}/email-code")).ShouldBe(202);
        (await somebody.ConfirmAsync(await somebody.CodeAsync())).ShouldBe(200);
    }

    [Fact]
    public async Task A_new_code_is_mailed_after_sixty_seconds_and_replaces_the_one_before()
    {
        var somebody = site.NewApplicant();
        await somebody.StartAsync();
        var first = await somebody.CodeAsync();
        var refused = (await somebody.PostAsync($"{somebody.Path}/email-code")).ShouldBe(429, "code-sent-recently");
        int.Parse(refused["retryAfterSeconds"]!).ShouldBeInRange(1, 60);

        await site.Deployment.AdvanceAsync(TimeSpan.FromSeconds(60));
        (await somebody.PostAsync($"{somebody.Path}/email-code")).ShouldBe(202);

        (await site.Deployment.MailsToAsync(somebody.Email)).Count.ShouldBe(2);
        var second = await somebody.CodeAsync();
        if (first != second)
        {
            (await somebody.ConfirmAsync(first)).ShouldBe(422, "code-wrong");
        }

        (await somebody.ConfirmAsync(second)).ShouldBe(200);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("12345a")]
    public async Task What_cannot_be_a_code_is_not_counted(string code)
    {
        var somebody = site.NewApplicant();
        await somebody.StartAsync();
        (await somebody.ConfirmAsync(code)).ShouldBe(400, "code-invalid")["field"].ShouldBe("code");
        (await somebody.ViewAsync()).Json!["emailCode"]!["triesLeft"]!.GetValue<int>().ShouldBe(5);
    }
}
