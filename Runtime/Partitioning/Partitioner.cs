namespace Weir.Runtime.Partitioning;

/// <summary>Chooses the channel of each record on one edge, for one producing subtask.</summary>
/// <remarks>Thread: the one that steps the subtask.</remarks>
internal abstract class Partitioner<T>
{
    /// <summary>Chosen for a record that goes to every channel.</summary>
    public const int All = -1;

    /// <summary>The channel: from 0 to one less than there are, or <see cref="All"/>.</summary>
    public abstract int Select(in T record);
}
