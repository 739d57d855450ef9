namespace Weir.Runtime;

/// <summary>Why a job, or one attempt of it, ended; the one list that restart policy, exit codes and logs share.</summary>
public enum JobFailure
{
    /// <summary>Something broke that may not break again: the job restarts from its last checkpoint.</summary>
    Transient,

    /// <summary>Settings, graph or restore do not fit; nothing was changed. Exit code 2.</summary>
    Configuration,

    /// <summary>A broker or store can't be reached, or does not let us in. Exit code 3.</summary>
    Unreachable,

    /// <summary>Records that the job needs are gone. Exit code 4.</summary>
    DataLoss,

    /// <summary>It would fail again in the same way. Exit code 5.</summary>
    Permanent,

    /// <summary>Another life of the job owns it now: this one gives way and backs off; exit code 7 where that comes again and again.</summary>
    Fenced,
}

/// <summary>A job, or an attempt of it, can't go on.</summary>
public sealed class JobException : Exception
{
    /// <summary>Says in one sentence what is wrong, where, and what to do.</summary>
    public JobException(JobFailure reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>What kind of failure it is.</summary>
    public JobFailure Reason { get; }

    /// <summary>What of the job's own code broke, without the numbers in it: the same again is the same cause. Null where the cause lies elsewhere.</summary>
    internal string? Cause { get; private init; }

    /// <summary>An operator, or a source that the job brings, threw something.</summary>
    /// <param name="what">Which one, for the message.</param>
    /// <param name="task">The task it is in, whichever of its subtasks it was.</param>
    /// <param name="failure">What it threw.</param>
    internal static JobException OfOperator(string what, int task, Exception failure) => failure as JobException ?? new(JobFailure.Transient, $"{what} failed: {failure.Message}", failure)
    {
        Cause = $"{task} {failure.GetType()} {string.Concat(failure.Message.Where(static one => !char.IsAsciiDigit(one)))}",
    };
}
