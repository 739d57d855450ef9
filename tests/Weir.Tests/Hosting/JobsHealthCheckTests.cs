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

    [Fact]
    public void A_checkpoint_that_was_due_an_interval_ago_is_missed_and_why_it_did_not_come_is_said()
    {
        var settings = new JobSettings { Name = "job", CheckpointInterval = TimeSpan.FromSeconds(10) };
        var status = Status(null) with { CheckpointTrouble = "the store does not answer." };

        Assert.Null(JobsHealthCheck.Late("job", status, settings, TimeSpan.FromSeconds(20)));
        Assert.Equal(
            "Job job has had no checkpoint for 22 s; one is due every 10 s. The last one: the store does not answer.",
            JobsHealthCheck.Late("job", status, settings, TimeSpan.FromSeconds(22)));
        Assert.Null(JobsHealthCheck.Late("job", status, new JobSettings { Name = "job", CheckpointInterval = TimeSpan.Zero }, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void An_operator_that_hangs_is_named_after_ten_seconds()
    {
        Assert.Null(JobsHealthCheck.Danger("job", Status(null) with { Stuck = new StuckSubtask("map #1", TimeSpan.FromSeconds(9)) }));
        Assert.Contains("map #1 has been at one record for 11 s", JobsHealthCheck.Danger("job", Status(null) with { Stuck = new StuckSubtask("map #1", TimeSpan.FromSeconds(11)) }), StringComparison.Ordinal);
    }

    private static JobStatus Status(RestartSlack? slack) => new(JobPhase.Running, 0, 0, 0, null, null, 0, null) { Slack = slack };
}
