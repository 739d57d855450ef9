using Weir.Runtime.Tasks;

namespace Weir.Runtime;

/// <summary>Where a legacy source's records go.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>Thread: the one that <see cref="ILegacyReader{T}.Run"/> was called on.</remarks>
public sealed class LegacyContext<T>
{
    private readonly CheckpointLock _lock;
    private readonly SourceOutput<T> _output;

    internal LegacyContext(CheckpointLock @lock, SourceOutput<T> output)
    {
        _lock = @lock;
        _output = output;
    }

    /// <summary>Waits for room, then keeps checkpoints away until what it returns is disposed: what is emitted meanwhile counts as one record's output.</summary>
    /// <remarks>Keep it short, and do not wait under it: no barrier passes.</remarks>
    /// <exception cref="OperationCanceledException">The attempt ends.</exception>
    public LegacyHold<T> Hold()
    {
        _lock.Enter();
        return new LegacyHold<T>(_lock, _output);
    }
}

/// <summary>Checkpoints are kept away until this is disposed.</summary>
/// <typeparam name="T">The record.</typeparam>
public readonly ref struct LegacyHold<T>
{
    private readonly CheckpointLock _lock;
    private readonly SourceOutput<T> _output;

    internal LegacyHold(CheckpointLock @lock, SourceOutput<T> output)
    {
        _lock = @lock;
        _output = output;
    }

    /// <summary>Hands on one record without slices.</summary>
    /// <param name="record">The record.</param>
    /// <param name="timestamp">When it was created, in ms since 1970, or <see cref="RecordContext.NoTimestamp"/>.</param>
    public void Emit(in T record, long timestamp = RecordContext.NoTimestamp) => Emit(in record, default, timestamp);

    /// <summary>Hands on one record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="bytes">What its slices refer to; borrowed until this returns.</param>
    /// <param name="timestamp">When it was created, in ms since 1970, or <see cref="RecordContext.NoTimestamp"/>.</param>
    /// <param name="split">Which split it is of: its place, from 0, in the list that the reader was made with. -1 (the default) does not say.</param>
    public void Emit(in T record, ReadOnlySpan<byte> bytes, long timestamp, int split = RecordContext.NoSplit)
    {
        try
        {
            _output.Emit(in record, bytes, timestamp, split);
        }
        catch (Exception failure)
        {
            _lock.Fail(failure);
            throw;
        }
    }

    /// <summary>Whether the job reads a side output of the source.</summary>
    public bool IsRead(OutputTag tag) => _output.IsRead(tag);

    /// <summary>Hands one record without slices to a side output.</summary>
    /// <inheritdoc cref="SourceOutput{T}.Emit{TSide}(OutputTag{TSide}, in TSide, long)"/>
    public void Emit<TSide>(OutputTag<TSide> tag, in TSide record, long timestamp = RecordContext.NoTimestamp)
    {
        try
        {
            _output.Emit(tag, in record, timestamp);
        }
        catch (Exception failure)
        {
            _lock.Fail(failure);
            throw;
        }
    }

    /// <summary>Lets checkpoints pass again.</summary>
    public void Dispose() => _lock.Exit();
}
