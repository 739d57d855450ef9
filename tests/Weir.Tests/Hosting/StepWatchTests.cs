using Microsoft.Extensions.Logging.Abstractions;
using Weir.Hosting;
using Weir.Runtime;

namespace Weir.Tests.Hosting;

public sealed class StepWatchTests
{
    [Fact]
    public void A_step_is_named_after_half_a_minute_and_then_ever_more_seldom()
    {
        using var watch = new StepWatch(null!, TimeProvider.System, NullLogger<StepWatch>.Instance);
        int[] said = [.. Enumerable.Range(1, 60).Select(tick => 5 * tick).Where(seconds => watch.IsLong("job", Step("restores", seconds)))];
        Assert.Equal([30, 60, 120, 240], said);
        Assert.False(watch.IsLong("other", Step("restores", 29)));
        Assert.False(watch.IsLong("job", Step("restores", 1)));      // another attempt's
        Assert.True(watch.IsLong("job", Step("restores", 31)));
        Assert.False(watch.IsLong("job", null));
        Assert.True(watch.IsLong("job", Step("closes", 300)));
    }

    private static JobStep Step(string name, int seconds) => new(name, TimeSpan.FromSeconds(seconds));
}
