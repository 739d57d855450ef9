using Weir.Jobs;

namespace Weir.Demos;

/// <summary>One life of the job that <see cref="CrashDemo"/> kills, as a process of its own.</summary>
/// <param name="perSecond">Records a second that each sink subtask takes.</param>
internal sealed class CrashedJob(double perSecond) : Demo
{
    public override JobParameters Parameters { get; } = new() { Throttle = perSecond };
}
