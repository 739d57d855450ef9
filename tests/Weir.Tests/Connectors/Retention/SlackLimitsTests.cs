using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Retention;
using Weir.Runtime;

namespace Weir.Tests.Connectors.Retention;

public sealed class SlackLimitsTests
{
    [Theory]
    [InlineData(null, 60, 30)]       // nothing expires by age
    [InlineData(10_080, 60, 30)]     // Kafka's week
    [InlineData(60, 15, 7.5)]
    [InlineData(1, 0.25, 0.125)]
    public void By_default_they_are_a_share_of_what_the_topic_keeps(int? retention, double urgent, double degraded) =>
        Assert.Equal(Limits(urgent, degraded), SlackLimits.Of(new KafkaSourceOptions(), retention is { } kept ? Minutes(kept) : null));

    [Theory]
    [InlineData(10.0, null, 10, 5)]
    [InlineData(null, 5.0, 60, 5)]
    [InlineData(null, 90.0, 90, 90)]
    [InlineData(300.0, 200.0, 300, 200)]
    public void What_is_set_holds_and_the_other_one_fits_it(double? urgentSet, double? degradedSet, double urgent, double degraded)
    {
        var options = new KafkaSourceOptions { UrgentSlack = Minutes(urgentSet), DegradedSlack = Minutes(degradedSet) };
        Assert.Equal(Limits(urgent, degraded), SlackLimits.Of(options, Minutes(10_080)));
    }

    [Theory]
    [InlineData(SlackLevel.Fine, 60, SlackLevel.Fine)]
    [InlineData(SlackLevel.Fine, 59, SlackLevel.Urgent)]
    [InlineData(SlackLevel.Fine, 29, SlackLevel.Degraded)]
    [InlineData(SlackLevel.Urgent, 30, SlackLevel.Urgent)]
    [InlineData(SlackLevel.Urgent, 65, SlackLevel.Urgent)]
    [InlineData(SlackLevel.Urgent, 66, SlackLevel.Fine)]
    [InlineData(SlackLevel.Degraded, 32, SlackLevel.Degraded)]
    [InlineData(SlackLevel.Degraded, 33, SlackLevel.Urgent)]
    [InlineData(SlackLevel.Degraded, 70, SlackLevel.Fine)]
    public void A_level_is_left_only_well_above_its_limit(SlackLevel was, double left, SlackLevel next) => Assert.Equal(next, Limits(60, 30).Next(was, Minutes(left)));

    [Fact]
    public void Without_an_end_in_sight_all_is_fine() => Assert.Equal(SlackLevel.Fine, Limits(60, 30).Next(SlackLevel.Degraded, null));

    private static SlackLimits Limits(double urgent, double degraded) => new(Minutes(urgent), Minutes(degraded));

    private static TimeSpan? Minutes(double? count) => count is { } set ? Minutes(set) : null;

    private static TimeSpan Minutes(double count) => TimeSpan.FromMinutes(count);
}
