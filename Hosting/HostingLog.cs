using Microsoft.Extensions.Logging;

namespace Weir.Hosting;

/// <summary>What the host logs: events 6000 to 6099.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(6000, LogLevel.Information, "Job {Job} starts: {Plan}; parallelism {Parallelism}, a checkpoint every {Interval} into {Location}")]
    public static partial void JobStarts(this ILogger logger, string job, string plan, int parallelism, TimeSpan interval, string location);

    [LoggerMessage(6005, LogLevel.Critical, "{Problem} The program ends with exit code {ExitCode}.")]
    public static partial void ProgramFails(this ILogger logger, string problem, int exitCode, Exception? failure);

    [LoggerMessage(6006, LogLevel.Critical, "{Problem} The other jobs go on; the program will end with exit code {ExitCode}.")]
    public static partial void PartFails(this ILogger logger, string problem, int exitCode, Exception? failure);

    [LoggerMessage(6007, LogLevel.Warning, "No job is to run: name one under Weir:Jobs; there are {Jobs}")]
    public static partial void NothingToRun(this ILogger logger, string jobs);

    [LoggerMessage(6009, LogLevel.Information, "The jobs stop with a last checkpoint, within {Limit} at most; a second Ctrl-C ends them at once")]
    public static partial void Stopping(this ILogger logger, TimeSpan limit);

    [LoggerMessage(6008, LogLevel.Information, "Second interrupt: jobs end now, without a last checkpoint")]
    public static partial void Interrupted(this ILogger logger);

    [LoggerMessage(6010, LogLevel.Critical, "systemd is not told any more that the program lives, and will start it again: {Failure}")]
    public static partial void WatchdogSilent(this ILogger logger, string failure);

    [LoggerMessage(6011, LogLevel.Warning, "Job {Job} {Step}, for {Seconds:F0} s now")]
    public static partial void StepIsLong(this ILogger logger, string job, string step, double seconds);

    [LoggerMessage(6012, LogLevel.Information, "Of {Total} of memory, {Division}; the process itself comes on top")]
    public static partial void MemoryDivided(this ILogger logger, string total, string division);

    [LoggerMessage(6020, LogLevel.Information, "{Progress}")]
    public static partial void Progress(this ILogger logger, string progress);
}
