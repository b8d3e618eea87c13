using Guance.Billing.Platform;

namespace Guance.Billing.Sites.Tests;

public sealed class WireTests
{
    [Fact]
    public void Integration_events_travel_under_the_kebab_case_of_their_names()
    {
        var wire = new Wire([new NotesModule(DeploymentRole.Site)]);

        Wire.NameOf(typeof(NoteIntegrationEvent)).ShouldBe("note");
        wire.Event("note").ShouldBe(typeof(NoteIntegrationEvent));
        wire.Event("reply").ShouldBe(typeof(ReplyIntegrationEvent));
        wire.Event("from-the-future").ShouldBeNull();
    }

    [Fact]
    public void Asks_travel_under_the_names_that_they_give_themselves()
    {
        var wire = new Wire([new NotesModule(DeploymentRole.Site)]);

        wire.Ask("count-question")!.Type.ShouldBe(typeof(CountQuestion));
        wire.Ask("CountQuestion").ShouldBeNull();
    }

    [Fact]
    public void Two_types_of_one_name_are_refused_at_start() =>
        Should.Throw<InvalidOperationException>(() => new Wire([typeof(NoteIntegrationEvent), typeof(NoteIntegrationEvent)]))
            .Message.ShouldContain("'note'");
}
