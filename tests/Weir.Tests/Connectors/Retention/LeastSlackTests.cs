using Weir.Connectors.Kafka.Retention;
using Weir.Runtime;

namespace Weir.Tests.Connectors.Retention;

public sealed class LeastSlackTests
{
    [Fact]
    public void The_topic_in_the_greatest_need_speaks_for_its_source()
    {
        RestartSlack? said = null;
        var least = new LeastSlack((source, slack) =>
        {
            Assert.Equal("in", source);
            said = slack;
        });
        var (fine, near, nearest) = (Of("a-0", 50, SlackLevel.Fine), Of("b-0", 9, SlackLevel.Urgent), Of("c-0", 5, SlackLevel.Urgent));
        least.Note("in", "a", fine);
        Assert.Same(fine, said);
        least.Note("in", "c", nearest);
        least.Note("in", "b", near);
        Assert.Same(nearest, said);
        least.Note("in", "c", null);
        Assert.Same(near, said);
        least.Note("in", "b", null);
        least.Note("in", "a", null);
        Assert.Null(said);
    }

    private static RestartSlack Of(string split, int minutes, SlackLevel level) => new("in", split, TimeSpan.FromMinutes(minutes), level);
}
