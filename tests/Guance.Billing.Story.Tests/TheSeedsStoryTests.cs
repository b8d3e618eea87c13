namespace Guance.Billing.Story.Tests;

public sealed class TheSeedsStoryTests(AWorld world) : IClassFixture<AWorld>
{
    [Fact]
    public Task The_whole_story_is_played_to_its_last_step() => PlayAsync(new { duplicate = 0.0, reorder = 0.0, loseAnswer = 0.0 });

    [Fact]
    public async Task The_whole_story_goes_the_same_way_when_the_market_duplicates_and_reorders_every_call_and_loses_answers()
    {
        await PlayAsync(new { duplicate = 1.0, reorder = 1.0, loseAnswer = 0.3 });
        using var market = new Person(world.Places.MarketplaceUrl);
        Items(await market.GetAsync("/sim/violations")).Select(violation => violation.ToJsonString()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Test_calls_of_the_market_are_answered_with_success_and_create_nothing()
    {
        using var market = new Person(world.Places.MarketplaceUrl);
        var answers = await market.PostAsync("/sim/test-calls");
        answers["passed"]!.GetValue<bool>().ShouldBeTrue(answers.ToJsonString());
        Items(answers).Count().ShouldBeGreaterThanOrEqualTo(7);
    }

    private async Task PlayAsync(object faults)
    {
        using var market = new Person(world.Places.MarketplaceUrl);
        await market.PostAsync("/sim/faults", faults);
        var seen = new List<string>();
        using var story = new SeedStory(world.Places, seen.Add);
        await story.PlayAsync();
        seen.Count.ShouldBe(10, string.Join('\n', seen));
    }
}
