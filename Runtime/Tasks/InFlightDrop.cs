namespace Weir.Runtime.Tasks;

/// <summary>What an operator asked to lose is lost once: of the checkpoint that the run begins from, also where an attempt fails before the next one; never of a later one.</summary>
internal sealed class InFlightDrop(bool isAskedFor)
{
    private long? _checkpoint;

    /// <summary>Whether records in flight of this checkpoint are to be left out.</summary>
    public bool Holds(long checkpoint) => isAskedFor && (_checkpoint ??= checkpoint) == checkpoint;
}
