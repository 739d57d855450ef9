using Weir.Runtime;
using Weir.Runtime.Tasks;

namespace Weir.Tests.Runtime.Tasks;

public sealed class RestartPolicyTests
{
    [Theory, InlineData(0.0), InlineData(0.5), InlineData(1.0)]
    public void A_fenced_life_waits_between_one_second_and_one_minute_whatever_the_jitter(double chance)
    {
        var policy = new RestartPolicy(new RestartSettings());
        for (int time = 0; time < 20; time++)
        {
            var delay = policy.After(JobFailure.Fenced, TimeSpan.Zero, chance);
            Assert.NotNull(delay);
            Assert.InRange(delay.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        }
    }
}
