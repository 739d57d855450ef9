using Weir.Hosting;
using Weir.Runtime;

namespace Weir.Tests.Hosting;

public sealed class JobsHealthCheckTests
{
    [Fact]
    public void What_is_about_to_be_deleted_is_named()
    {
        string? danger = JobsHealthCheck.Danger("job", Status(new RestartSlack("in", "in-3", TimeSpan.FromMinutes(20), SlackLevel.Degraded)));
        Assert.All(["job", "in-3", "in 20 min"], part => Assert.Contains(part, danger, StringComparison.Ordinal));
    }

    [Fact]
    public void Where_a_checkpoint_may_still_help_nobody_is_called()
    {
        Assert.Null(JobsHealthCheck.Danger("job", Status(null)));
        Assert.Null(JobsHealthCheck.Danger("job", Status(new RestartSlack("in", "in-3", TimeSpan.FromMinutes(50), SlackLevel.Urgent))));
    }

    private static JobStatus Status(RestartSlack? slack) => new(JobPhase.Running, 0, 0, 0, null, null, 0, null) { Slack = slack };
}
