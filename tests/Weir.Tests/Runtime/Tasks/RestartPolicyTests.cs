using Weir.Runtime;
using Weir.Runtime.Tasks;

namespace Weir.Tests.Runtime.Tasks;

public sealed class RestartPolicyTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch;

    [Theory, InlineData(0.0), InlineData(0.5), InlineData(1.0)]
    public void A_fenced_life_waits_between_one_second_and_one_minute_whatever_the_jitter(double chance)
    {
        var policy = new RestartPolicy(new RestartSettings { MaxFences = null });
        for (int time = 0; time < 20; time++)
        {
            Assert.InRange(policy.After(Fenced(), TimeSpan.Zero, s_start, chance), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public void A_life_that_is_fenced_again_and_again_is_so_for_good()
    {
        var policy = new RestartPolicy(new RestartSettings { MaxFences = 2 });
        policy.After(Fenced(), TimeSpan.Zero, s_start, 0);
        policy.After(Fenced(), TimeSpan.FromMinutes(10), s_start, 0);      // it had run for long: counted anew
        policy.After(Fenced(), TimeSpan.Zero, s_start, 0);
        var final = Assert.Throws<JobException>(() => policy.After(Fenced(), TimeSpan.Zero, s_start, 0));
        Assert.Equal(JobFailure.Fenced, final.Reason);
        Assert.Equal("another owns it. Given up: it gave way 3 times in a row (Restart:MaxFences 2): another process runs this job. Let one of the two run it.", final.Message);
    }

    [Fact]
    public void The_same_failure_of_an_operator_ends_the_job_when_it_comes_too_often_in_too_short_a_time()
    {
        var policy = new RestartPolicy(new RestartSettings { SameCauseMax = 3, SameCauseWithin = TimeSpan.FromMinutes(10) });
        for (int minute = 0; minute < 60; minute += 6)
        {
            policy.After(Thrown($"Account {minute} is closed"), TimeSpan.FromDays(1), s_start.AddMinutes(minute), 0);
        }
        policy.After(Thrown("Account 7 is closed"), TimeSpan.FromDays(1), s_start.AddMinutes(64.1), 0);
        policy.After(Thrown("Account 8 is closed"), TimeSpan.FromDays(1), s_start.AddMinutes(64.5), 0);
        policy.After(Thrown("Something else"), TimeSpan.FromDays(1), s_start.AddMinutes(65), 0);
        policy.After(Thrown("Account 7 is closed", task: 2), TimeSpan.FromDays(1), s_start.AddMinutes(65), 0);

        var final = Assert.Throws<JobException>(() => policy.After(Thrown("Account 7 is closed"), TimeSpan.FromDays(1), s_start.AddMinutes(65), 0));

        Assert.Equal(JobFailure.Permanent, final.Reason);
        Assert.StartsWith("ledger #0 failed: Account 7 is closed. Given up: the same failure came 3 times within 10 min", final.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(final.InnerException);
    }

    [Fact]
    public void What_a_broker_or_a_store_does_is_waited_for_however_often_it_comes()
    {
        var policy = new RestartPolicy(new RestartSettings { SameCauseMax = 1 });
        for (int time = 0; time < 100; time++)
        {
            policy.After(new JobException(JobFailure.Transient, "no answer"), TimeSpan.Zero, s_start, 0);
        }
    }

    [Fact]
    public void A_job_that_was_restarted_as_often_as_it_may_says_so()
    {
        var policy = new RestartPolicy(new RestartSettings { MaxRestarts = 1, Strategy = RestartStrategy.Fixed });
        Assert.Equal(TimeSpan.FromSeconds(1), policy.After(new JobException(JobFailure.Transient, "no answer"), TimeSpan.Zero, s_start, 0));
        var final = Assert.Throws<JobException>(() => policy.After(new JobException(JobFailure.Transient, "no answer."), TimeSpan.Zero, s_start, 0));
        Assert.Equal("no answer. Given up: it was restarted 1 times (Restart:MaxRestarts).", final.Message);
    }

    private static JobException Fenced() => new(JobFailure.Fenced, "another owns it");

    private static JobException Thrown(string message, int task = 1) => JobException.OfOperator("ledger #0", task, new InvalidOperationException(message));
}
