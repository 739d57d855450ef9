using Weir.Hosting;
using Weir.Runtime;

namespace Weir.Tests.Hosting;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(JobFailure.Configuration, 2)]
    [InlineData(JobFailure.Unreachable, 3)]
    [InlineData(JobFailure.DataLoss, 4)]
    [InlineData(JobFailure.Permanent, 5)]
    [InlineData(JobFailure.Transient, 5)]
    public void Every_failure_has_its_documented_code(JobFailure failure, int code) => Assert.Equal(code, ExitCode.Of(failure));

    [Theory]
    [InlineData(JobOutcome.Finished, 0)]
    [InlineData(JobOutcome.Stopped, 0)]
    [InlineData(JobOutcome.Cancelled, 6)]
    public void Only_a_job_without_its_last_checkpoint_is_no_success(JobOutcome outcome, int code) => Assert.Equal(code, ExitCode.Of(outcome));

    [Fact]
    public void No_failure_ends_as_a_success() => Assert.All(Enum.GetValues<JobFailure>(), failure => Assert.NotEqual(ExitCode.Success, ExitCode.Of(failure)));
}
