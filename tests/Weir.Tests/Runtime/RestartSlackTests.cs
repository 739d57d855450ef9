using Weir.Runtime;

namespace Weir.Tests.Runtime;

public sealed class RestartSlackTests
{
    [Theory]
    [InlineData(0.5, "at any moment")]
    [InlineData(45, "in 45 s")]
    [InlineData(200, "in 200 s")]
    [InlineData(12.5 * 60, "in 12 min")]
    [InlineData(130 * 60, "in 2 h 10 min")]
    [InlineData(51 * 3600, "in 2 d 3 h")]
    public void The_forecast_is_for_people(double seconds, string said) =>
        Assert.Equal(said, new RestartSlack("in", "in-3", TimeSpan.FromSeconds(seconds), SlackLevel.Fine).Forecast);
}
