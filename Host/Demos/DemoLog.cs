using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Demos;

/// <summary>What the demonstrations log: events 7100 to 7149.</summary>
internal static partial class DemoLog
{
    [LoggerMessage(7100, LogLevel.Information, "Turn {Turn} of {Turns}: {Mode} checkpoints, for {Seconds} s")]
    public static partial void Turn(this ILogger logger, int turn, int turns, CheckpointMode mode, double seconds);

    [LoggerMessage(7110, LogLevel.Information, "Life {Life} of the job began from checkpoint {Checkpoint} with {InFlight:N0} records in flight")]
    public static partial void LifeRestored(this ILogger logger, int life, long checkpoint, long inFlight);

    [LoggerMessage(7111, LogLevel.Information, "Life {Life} of the job began")]
    public static partial void LifeBegan(this ILogger logger, int life);

    [LoggerMessage(7112, LogLevel.Information, "Life {Life} is killed after its checkpoint {Checkpoint}; {Written:N0} records were written to its input so far")]
    public static partial void LifeKilled(this ILogger logger, int life, long checkpoint, long written);

    [LoggerMessage(7113, LogLevel.Information, "The input ends after {Written:N0} records; the last life reads it to the end")]
    public static partial void InputEnds(this ILogger logger, long written);
}
