using Weir.Runtime.Operators;

namespace Weir.Runtime;

/// <summary>What goes with the record in hand through a chain of operators: its bytes, timestamp, hash and key.</summary>
/// <remarks>One a subtask. Thread: the one that steps the subtask. All of it is borrowed until the record in hand is done.</remarks>
public sealed unsafe class RecordContext
{
    /// <summary>The timestamp of records that have none.</summary>
    public const long NoTimestamp = long.MinValue;

    internal const int NoSplit = -1;

    private byte* _bytes;
    private int _length;

    /// <summary>What the slices of the record in hand refer to.</summary>
    public ReadOnlySpan<byte> Bytes => new(_bytes, _length);

    /// <summary>When the record was created, in ms since 1970.</summary>
    public long Timestamp { get; internal set; } = NoTimestamp;

    /// <summary>The stable hash of the record's key, where it came over a keyed edge.</summary>
    public uint Hash { get; internal set; }

    /// <summary>The bytes of the key of the <c>KeyBy</c> that the chain hangs on; empty also where there is none.</summary>
    public ReadOnlySpan<byte> Key => KeyInHand is null ? default : KeyInHand.Bytes;

    /// <summary>Whether the chain hangs on a <c>KeyBy</c>.</summary>
    public bool HasKey => KeyInHand is not null;

    /// <summary>Set once, by the first of a chain behind a <c>KeyBy</c>; encoded only when somebody asks for its bytes.</summary>
    internal KeyInHand? KeyInHand { get; set; }

    /// <summary>Which of the splits that the subtask reads the record comes from, in their order; <see cref="NoSplit"/> where that is not known.</summary>
    internal int Split { get; set; } = NoSplit;

    /// <summary>How often the subtask had no room for records: that they did not come meanwhile says nothing of where they come from.</summary>
    internal long Blocks { get; set; }

    /// <summary>Somebody in the chain has no room: no further record is taken until all of them are ready again.</summary>
    internal bool StopAfterThis { get; set; }

    /// <summary>Records taken by this subtask since it started.</summary>
    internal long Emitted { get; set; }

    internal void SetBytes(byte* start, int length)
    {
        _bytes = start;
        _length = length;
    }
}
