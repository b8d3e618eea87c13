namespace Guance.Billing.Story.Tests;

public sealed class TheSeedsStoryTests(AWorld world) : IClassFixture<AWorld>
{
    [Fact]
    public async Task The_whole_story_is_played_to_its_last_step()
    {
        var seen = new List<string>();
        using var story = new SeedStory(world.Places, seen.Add);
        await story.PlayAsync();
        seen.Count.ShouldBe(10, string.Join('\n', seen));
    }
}
