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

    /// <summary>Batches that were taken beyond the pool and its overdraft, since the start.</summary>
    long BeyondOverdraft { get; }

    /// <summary>Sends what is open, however little: nothing more comes for a while, or something must follow it.</summary>
    void Flush();

    /// <summary>Puts a barrier on all channels at once, behind all that was emitted.</summary>
    void PutBarrier(Checkpoint checkpoint);

    /// <summary>Puts a watermark on all channels, behind all that was emitted.</summary>
    void PutWatermark(long watermark);

    /// <summary>Says on all channels that nothing more comes.</summary>
    void PutEnd();

    /// <summary>The attempt is over: lets go of what is open.</summary>
    void Clear();
}

/// <summary>A subtask's way out over one edge: chooses the channel of each record, fills batches, and sends them while there is credit.</summary>
/// <remarks>Thread: the one that steps the subtask. Owns: the open batches.</remarks>
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

    public OutputGate(Channel<T>[] channels, Partitioner<T> partitioner, RecordContext context, GateCredit credit, BatchPool<T> pool, Codec<T> codec, int overdraft)
    {
        _channels = channels;
        _open = new Batch<T>?[channels.Length];
        _partitioner = partitioner;
        _context = context;
        _credit = credit;
        _pool = pool;
        _slices = codec.HasSlices ? codec : null;
        _overdraft = overdraft;
    }

    public bool HasRoom => _credit.HasRoom;

    public long BeyondOverdraft { get; private set; }

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

    public void PutWatermark(long watermark)
    {
        Flush();
        foreach (var channel in _channels)
        {
            channel.PutWatermark(watermark);
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
        long left = _credit.Take();
        if (left <= 0)
        {
            _context.StopAfterThis = true;
            if (left < -_overdraft)
            {
                BeyondOverdraft++;
            }
        }
        return _open[channel] = _pool.Rent();
    }

    private void Send(int channel, Batch<T> batch)
    {
        _open[channel] = null;
        _channels[channel].Put(batch);
    }
}
