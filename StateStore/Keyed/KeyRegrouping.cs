namespace Weir.StateStore;

/// <summary>How stored keys were divided into key groups, and how they are divided now: another max parallelism moves them.</summary>
/// <param name="Then">Divided them when they were stored.</param>
/// <param name="Now">Divides them now.</param>
internal readonly record struct KeyRegrouping(KeyGroups Then, KeyGroups Now)
{
    /// <summary>Whether a key may be in another group than it was stored in.</summary>
    public bool MovesKeys => Then.MaxParallelism != Now.MaxParallelism;
}
