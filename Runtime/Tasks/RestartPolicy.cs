namespace Weir.Runtime.Tasks;

/// <summary>Failures so far → wait how long, or give up and why. Pure but for what it counts.</summary>
internal sealed class RestartPolicy(RestartSettings settings)
{
    // A life that was overtaken by another comes back within this, growing: two hosts of one job must not fence each other for ever.
    private static readonly TimeSpan FencedMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FencedMax = TimeSpan.FromSeconds(60);

    // What chance adds at most, as a part: two hosts that were fenced together come back apart, also when both wait as long as they may.
    private const double FencedSpread = 0.5;

    private readonly FailureLoop _loop = new(settings.SameCauseMax, settings.SameCauseWithin);
    private int _inARow;
    private int _fencedInARow;

    /// <summary>What follows a failure.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="ranFor">How long the attempt had processed records.</param>
    /// <param name="now">The time.</param>
    /// <param name="chance">0 to 1: spreads the lives that were fenced.</param>
    /// <returns>The delay before the next attempt.</returns>
    /// <exception cref="JobException">None: the job has failed. It is the failure itself, or one that says why there is no other attempt.</exception>
    public TimeSpan After(JobException failure, TimeSpan ranFor, DateTimeOffset now, double chance)
    {
        if (ranFor >= settings.ResetAfter)
        {
            (_inARow, _fencedInARow) = (0, 0);
        }
        return failure.Reason switch
        {
            JobFailure.Fenced => AfterFence(failure, chance),
            JobFailure.Transient when settings.Strategy != RestartStrategy.None => AfterFailure(failure, now),
            _ => throw failure,
        };
    }

    private TimeSpan AfterFence(JobException failure, double chance)
    {
        if (settings.MaxFences is { } most && _fencedInARow >= most)
        {
            throw GivenUp(failure, $"it gave way {most + 1} times in a row (Restart:MaxFences {most}): another process runs this job. Let one of the two run it");
        }
        double backOff = Math.Min(FencedMax.TotalSeconds / (1 + FencedSpread), FencedMin.TotalSeconds * Math.Pow(2, _fencedInARow++));
        return TimeSpan.FromSeconds(backOff * (1 + (chance * FencedSpread)));
    }

    private TimeSpan AfterFailure(JobException failure, DateTimeOffset now)
    {
        if (_loop.Closes(failure.Cause, now))
        {
            throw GivenUp(
                failure,
                $"the same failure came {settings.SameCauseMax} times within {settings.SameCauseWithin.TotalMinutes:0.##} min (Restart:SameCauseMax, SameCauseWithin), and would come again. "
                + "Mend the operator, or what it calls; nothing is lost, and the next start goes on from the last checkpoint");
        }
        if (settings.MaxRestarts is { } most && _inARow >= most)
        {
            throw GivenUp(failure, $"it was restarted {most} times (Restart:MaxRestarts)");
        }
        double factor = settings.Strategy == RestartStrategy.Exponential ? Math.Pow(2, Math.Min(30, _inARow)) : 1;
        _inARow++;
        return TimeSpan.FromSeconds(Math.Min(Math.Max(settings.MaxDelay.TotalSeconds, settings.InitialDelay.TotalSeconds), settings.InitialDelay.TotalSeconds * factor));
    }

    private static JobException GivenUp(JobException failure, string why) =>
        new(failure.Reason == JobFailure.Fenced ? JobFailure.Fenced : JobFailure.Permanent, $"{failure.Message.TrimEnd('.')}. Given up: {why}.", failure.InnerException);
}
