using System.Runtime.CompilerServices;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;
using Weir.Runtime.Operators;
using Weir.Runtime.Partitioning;

namespace Weir.Runtime.Gates;

/// <summary>A subtask's way out over one edge, apart from the type of its records.</summary>
internal interface IOutputGate
{
    /// <summary>Whether another batch may be opened: rule 1, a task takes a record only while that is so at every gate.</summary>
    bool HasRoom { get; }

    /// <summary>How often its batches did not do, since the start. Any thread.</summary>
    OverflowCounts Overflow { get; }

    /// <summary>Sends what is open, however little: nothing more comes for a while, or something must follow it.</summary>
    void Flush();

    /// <summary>Puts a barrier on all channels at once, behind all that was emitted.</summary>
    void PutBarrier(Checkpoint checkpoint);

    /// <summary>Puts a watermark on all channels, behind all that was emitted.</summary>
    /// <param name="watermark">The watermark.</param>
    /// <param name="isIdle">Whether nothing more comes for now: event time goes on without it.</param>
    void PutWatermark(long watermark, bool isIdle);

    /// <summary>Says on all channels that nothing more comes.</summary>
    void PutEnd();

    /// <summary>The attempt is over: lets go of what is open.</summary>
    void Clear();
}

/// <summary>A subtask's way out over one edge: chooses the channel of each record, fills batches, and sends them while there is credit.</summary>
/// <remarks>
/// What one record makes beyond the credit is overdrawn, and beyond the overdraft put aside. It goes into its channel all the same, so that the order of
/// records is the one in which they were emitted, and its credit comes back when it was read: until then the task takes no further record.
/// Thread: the one that steps the subtask. Owns: the open batches.
/// </remarks>
internal sealed class OutputGate<T> : Collector<T>, IOutputGate
{
    private readonly Channel<T>[] _channels;
    private readonly Batch<T>?[] _open;
    private readonly Partitioner<T> _partitioner;
    private readonly RecordContext _context;
    private readonly GateCredit _credit;
    private readonly BatchPool<T> _pool;
    private readonly Codec<T>? _slices;
    private readonly int _overdraft;
    private readonly Overflow<T> _overflow;
    private long _overdrawn;
    private Exception? _failure;

    public OutputGate(Channel<T>[] channels, Partitioner<T> partitioner, RecordContext context, GateCredit credit, BatchPool<T> pool, Codec<T> codec, int overdraft, Overflow<T> overflow)
    {
        _channels = channels;
        _open = new Batch<T>?[channels.Length];
        _partitioner = partitioner;
        _context = context;
        _credit = credit;
        _pool = pool;
        _slices = codec.HasSlices ? codec : null;
        _overdraft = overdraft;
        _overflow = overflow;
    }

    public bool HasRoom => _credit.HasRoom;

    public OverflowCounts Overflow => new(_overdrawn, _overflow.BatchesInMemory, _overflow.BatchesSpilled);

    public override void Emit(in T record)
    {
        int channel = _partitioner.Select(in record);
        if (channel == Partitioner<T>.All)
        {
            EmitToAll(in record);
            return;
        }
        Emit(channel, in record);
    }

    public void Flush()
    {
        ThrowIfFailed();
        for (int channel = 0; channel < _open.Length; channel++)
        {
            if (_open[channel] is { } batch)
            {
                Send(channel, batch);
            }
        }
    }

    public void PutBarrier(Checkpoint checkpoint)
    {
        Flush();
        foreach (var channel in _channels)
        {
            channel.PutBarrier(checkpoint);
        }
    }

    public void PutWatermark(long watermark, bool isIdle)
    {
        Flush();
        foreach (var channel in _channels)
        {
            channel.PutWatermark(watermark, isIdle);
        }
    }

    public void PutEnd()
    {
        Flush();
        foreach (var channel in _channels)
        {
            channel.PutEnd();
        }
    }

    public void Clear()
    {
        for (int channel = 0; channel < _open.Length; channel++)
        {
            _open[channel]?.LetGo();
            _open[channel] = null;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Emit(int channel, in T record)
    {
        var batch = _open[channel] ?? Open(channel);
        batch.Add(in record, _context, _slices);
        if (batch.IsFull)
        {
            Send(channel, batch);
        }
    }

    private void EmitToAll(in T record)
    {
        for (int channel = 0; channel < _channels.Length; channel++)
        {
            Emit(channel, in record);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Batch<T> Open(int channel)
    {
        ThrowIfFailed();
        long left = _credit.Take();
        var batch = _open[channel] = _pool.Rent();
        if (left <= 0 || _credit.LacksMemory)
        {
            _context.StopAfterThis = true;
            batch.IsBeyondOverdraft = left < -_overdraft;
            _overdrawn += left < 0 && !batch.IsBeyondOverdraft ? 1 : 0;
        }
        return batch;
    }

    private void Send(int channel, Batch<T> batch)
    {
        _open[channel] = null;
        batch.CountMemory();
        if (batch.IsBeyondOverdraft)
        {
            SendBeyondOverdraft(channel, batch);
            return;
        }
        _channels[channel].Put(batch);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SendBeyondOverdraft(int channel, Batch<T> batch)
    {
        SpilledBatch? spilled;
        try
        {
            spilled = _overflow.PutAside(batch);
        }
        catch (Exception failure)
        {
            _failure = failure;
            batch.LetGo();
            throw;
        }
        if (spilled is null)
        {
            _channels[channel].Put(batch);
            return;
        }
        batch.LetGo();
        _channels[channel].Put(spilled);
    }

    /// <summary>Records are lost once one could not be put aside, whatever the user's code did with the exception: nothing may follow them, a barrier least of all.</summary>
    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new JobException((failure as JobException)?.Reason ?? JobFailure.Transient, failure.Message, failure);
        }
    }
}
