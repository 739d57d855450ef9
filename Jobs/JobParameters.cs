namespace Weir.Jobs;

/// <summary>What may be said of a catalog's job; each takes what concerns it.</summary>
public sealed record JobParameters
{
    /// <summary>Records a second that each sink subtask of <c>ledger</c> takes; null (the default) takes all.</summary>
    public double? Throttle { get; init; }

    /// <summary>Entries that <c>count</c> makes. 10 million by default.</summary>
    public long Records { get; init; } = 10_000_000;

    /// <summary>Accounts of the generated entries. 1 million by default.</summary>
    public long Accounts { get; init; } = 1_000_000;

    /// <summary>Records a second that each sink subtask of <c>pressure</c> takes. 1000 by default.</summary>
    public double Rate { get; init; } = 1000;
}
