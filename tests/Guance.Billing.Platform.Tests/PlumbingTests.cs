using Guance.Billing.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Platform.Tests;

/// <summary>The core on its real engines: Marten's daemon, Hangfire, PostgreSQL.</summary>
public sealed class PlumbingTests(NotesDeployment notes)
{
    [Fact]
    public async Task Commands_that_meet_at_one_stream_all_take_effect_one_after_another()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => notes.Deployment.SendAsync(new WriteNote("crowded", $"crowded {n}"))));

        answers.Length.ShouldBe(4);
        await using var session = notes.Deployment.Services.GetRequiredService<Marten.IDocumentStore>().QuerySession();
        var note = await session.LoadAsync<Note>("crowded", TestContext.Current.CancellationToken);
        note!.Count.ShouldBe(4);
        note.Version.ShouldBe(4);
    }

    [Fact]
    public async Task What_a_refused_command_queued_is_not_sent()
    {
        var refused = await Should.ThrowAsync<BillingRefusal>(() => notes.Deployment.SendAsync(new WriteNote("no-mail", "forbidden")));

        refused.Code.ShouldBe("note-forbidden");
        (await notes.Deployment.MailsToAsync("no-mail@example.com")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_a_command_asks_for_runs_after_it()
    {
        var before = notes.Observed.OnRequestRuns;

        await notes.Deployment.SendAsync(new WriteNote("pokes", "x"));

        await Eventually.Until(() => notes.Observed.OnRequestRuns > before);
    }

    [Fact]
    public async Task The_timetable_runs_a_job_again_and_again()
    {
        await Eventually.Until(() => notes.Observed.CountRuns >= 2);
    }

    [Fact]
    public async Task An_inbox_whose_policy_fails_tries_again_and_loses_nothing()
    {
        await using var deployment = await TestDeployment.StartAsync([new NotesModule()]);
        var observed = deployment.Services.GetRequiredService<Observed>();
        observed.PolicyFailuresLeft = 2;

        await deployment.SendAsync(new WriteNote("inbox", "one"));
        await deployment.SendAsync(new WriteNote("inbox", "two"));
        await Eventually.Until(() => observed.Copied.Count >= 2);

        observed.PolicyFailuresLeft.ShouldBe(0);
        observed.Copied.ShouldBe(["one", "two"]);
    }
}
