using Microsoft.Extensions.Logging;

namespace Weir.Hosting;

/// <summary>What the host logs: events 6000 to 6099.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(6000, LogLevel.Information, "Job {Job} starts at parallelism {Parallelism}, a checkpoint every {Interval} into {Location}")]
    public static partial void JobStarts(this ILogger logger, string job, int parallelism, TimeSpan interval, string location);

    [LoggerMessage(6001, LogLevel.Information, "Job {Job} runs: first start, nothing to restore")]
    public static partial void JobRunsFirst(this ILogger logger, string job);

    [LoggerMessage(6002, LogLevel.Information, "Job {Job} runs: restored checkpoint {Checkpoint} with {InFlightRecords} in-flight records")]
    public static partial void JobRunsRestored(this ILogger logger, string job, long checkpoint, long inFlightRecords);

    [LoggerMessage(6003, LogLevel.Information, "Job {Job} ended: {Outcome}")]
    public static partial void JobEnded(this ILogger logger, string job, string outcome);

    [LoggerMessage(6004, LogLevel.Warning, "Job {Job} failed and restarts in {Delay}: {Reason}")]
    public static partial void JobRestarts(this ILogger logger, string job, TimeSpan delay, string reason, Exception failure);

    [LoggerMessage(6005, LogLevel.Critical, "{Problem} The program ends with exit code {ExitCode}.")]
    public static partial void ProgramFails(this ILogger logger, string problem, int exitCode, Exception? failure);

    [LoggerMessage(6007, LogLevel.Warning, "No job is to run: name one under Weir:Jobs; there are {Jobs}")]
    public static partial void NothingToRun(this ILogger logger, string jobs);

    [LoggerMessage(6008, LogLevel.Information, "Second interrupt: jobs end now, without a last checkpoint")]
    public static partial void Interrupted(this ILogger logger);

    [LoggerMessage(6010, LogLevel.Debug, "Checkpoint {Checkpoint} of {Job}: {DurationMs} ms, {Mode}, {StateBytes} bytes of state, {InFlightBytes} bytes in flight, {Files} files; {Verdict}")]
    public static partial void CheckpointCompleted(
        this ILogger logger, long checkpoint, string job, long durationMs, string mode, long stateBytes, long inFlightBytes, int files, string verdict);

    [LoggerMessage(6011, LogLevel.Warning, "Checkpoint {Checkpoint} of {Job} was given up after {AgeMs} ms: {Verdict}")]
    public static partial void CheckpointFailed(this ILogger logger, long checkpoint, string job, long ageMs, string verdict);

    [LoggerMessage(6020, LogLevel.Information, "{Progress}")]
    public static partial void Progress(this ILogger logger, string progress);
}
