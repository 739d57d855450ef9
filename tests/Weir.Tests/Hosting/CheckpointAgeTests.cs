using Weir.Hosting;

namespace Weir.Tests.Hosting;

public sealed class CheckpointAgeTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_job_that_reads_nothing_does_not_age()
    {
        var age = new CheckpointAge();

        Assert.Equal(TimeSpan.Zero, age.Of(0, s_start));
        Assert.Equal(TimeSpan.Zero, age.Of(0, s_start.AddDays(1)));
    }

    [Fact]
    public void The_age_counts_from_the_first_change_that_no_checkpoint_covers()
    {
        var age = new CheckpointAge();

        Assert.Equal(TimeSpan.Zero, age.Of(10, s_start));
        Assert.Equal(TimeSpan.FromSeconds(7), age.Of(20, s_start.AddSeconds(7)));
    }

    [Fact]
    public void A_checkpoint_covers_what_came_before_it()
    {
        var age = new CheckpointAge();
        age.Of(10, s_start);
        age.Covered(10);

        Assert.Equal(TimeSpan.Zero, age.Of(10, s_start.AddHours(1)));
        Assert.Equal(TimeSpan.Zero, age.Of(11, s_start.AddHours(2)));
        Assert.Equal(TimeSpan.FromSeconds(1), age.Of(11, s_start.AddHours(2).AddSeconds(1)));
    }
}
