namespace Weir.Runtime.Tasks;

/// <summary>Failures so far → wait how long, or give up. Pure but for what it counts.</summary>
internal sealed class RestartPolicy(RestartSettings settings)
{
    // A life that was overtaken by another comes back within this, growing: two hosts of one job must not fence each other for ever.
    private static readonly TimeSpan FencedMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FencedMax = TimeSpan.FromSeconds(60);

    // What chance adds at most, as a part: two hosts that were fenced together come back apart, also when both wait as long as they may.
    private const double FencedSpread = 0.5;

    private int _inARow;
    private int _fencedInARow;

    /// <summary>What follows a failure.</summary>
    /// <param name="reason">What kind of failure.</param>
    /// <param name="ranFor">How long the attempt had processed records.</param>
    /// <param name="chance">0 to 1: spreads the lives that were fenced.</param>
    /// <returns>The delay before the next attempt, or null: the job has failed.</returns>
    public TimeSpan? After(JobFailure reason, TimeSpan ranFor, double chance)
    {
        if (ranFor >= settings.ResetAfter)
        {
            (_inARow, _fencedInARow) = (0, 0);
        }
        switch (reason)
        {
            case JobFailure.Fenced:
                double backOff = Math.Min(FencedMax.TotalSeconds / (1 + FencedSpread), FencedMin.TotalSeconds * Math.Pow(2, _fencedInARow++));
                return TimeSpan.FromSeconds(backOff * (1 + (chance * FencedSpread)));
            case JobFailure.Transient when settings.Strategy != RestartStrategy.None && (settings.MaxRestarts is not { } most || _inARow < most):
                double factor = settings.Strategy == RestartStrategy.Exponential ? Math.Pow(2, Math.Min(30, _inARow)) : 1;
                _inARow++;
                return TimeSpan.FromSeconds(Math.Min(Math.Max(settings.MaxDelay.TotalSeconds, settings.InitialDelay.TotalSeconds), settings.InitialDelay.TotalSeconds * factor));
            default:
                return null;
        }
    }
}
