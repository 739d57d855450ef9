using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>What the process tells its caller; the numbers are documented and do not change.</summary>
public static class ExitCode
{
    /// <summary>All jobs finished, or stopped with their last checkpoint committed.</summary>
    public const int Success = 0;

    /// <summary>Settings, arguments or a job's graph do not fit, or a restore was refused; nothing was changed.</summary>
    public const int Configuration = 2;

    /// <summary>A broker or store can't be reached, or does not let us in.</summary>
    public const int Unreachable = 3;

    /// <summary>Records that a job needs are gone, and its policy does not allow to go on without them.</summary>
    public const int DataLoss = 4;

    /// <summary>A job failed for good.</summary>
    public const int JobFailed = 5;

    /// <summary>A job ended without its last checkpoint: the stop took too long, or was forced. Its last committed checkpoint holds.</summary>
    public const int StopTimedOut = 6;

    /// <summary>Another process runs the job, and this one has given way to it again and again.</summary>
    public const int Fenced = 7;

    /// <summary>The code for a job that ended with a failure.</summary>
    public static int Of(JobFailure failure) => failure switch
    {
        JobFailure.Configuration => Configuration,
        JobFailure.Unreachable => Unreachable,
        JobFailure.DataLoss => DataLoss,
        JobFailure.Fenced => Fenced,
        _ => JobFailed,
    };

    /// <summary>The code for a job that ended without a failure.</summary>
    public static int Of(JobOutcome outcome) => outcome == JobOutcome.Cancelled ? StopTimedOut : Success;
}
