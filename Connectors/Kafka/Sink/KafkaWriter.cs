using System.Diagnostics;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>A writer as the commit port sees it: it is told into which transaction what it holds goes.</summary>
internal interface IHeldWriter
{
    /// <summary>The topic it writes.</summary>
    string Topic { get; }

    /// <summary>Gives what was written before the switch to the transaction that ends; false when the client's queue is full.</summary>
    bool HandOverBeforeSwitch();

    /// <summary>Gives what was written since the switch to the transaction that begins, and lets the writer go on by itself; false when the client's queue is full.</summary>
    bool Release(ProducerTopic topic);
}

/// <summary>Writes one topic for one subtask: encodes into a staging by partition, and hands that to the client in large calls.</summary>
/// <remarks>
/// Thread: while <see cref="Mode.Direct"/>, the one that steps the subtask, without a lock. Else the committer may take what is held, and both hold
/// <c>_gate</c>. Only the subtask leaves Direct (<see cref="Switch"/>, <see cref="FlushAsync"/>), only the other side brings it back; a subtask that finished
/// steps no more, so the committer may treat it as switched. Protocol: docs/exactly-once.md, ready and one switch.
/// Where the sink is not transactional, the producer is this writer's alone, and what comes during a flush is held back: so the flush ends.
/// </remarks>
internal sealed class KafkaWriter<T> : ISinkWriter<T>, IHeldWriter
{
    /// <summary>Records of one partition that are handed over before the Step ends; smaller calls cost twice as much a record.</summary>
    private const int CallMin = 250;

    // The client's queue holds some 20 ms of output: it does not run dry meanwhile, and each look costs a timer and a switch of threads.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(3);

    private readonly LogSink<T> _sink;
    private readonly int _partitions;
    private readonly bool _transactional;
    private readonly StagingBudget _budget;
    private readonly Action _wake;
    private readonly ITimer _retry;
    private readonly ByteArena _key = new();
    private readonly StagedHeaders _headers = new();
    private readonly Lock _gate = new();
    private RecordStaging _staging;
    private RecordStaging _beforeSwitch;
    private ProducerTopic? _target;
    private volatile Mode _mode = Mode.Staging;
    private volatile bool _retryDue;
    private volatile bool _disposed;
    private bool _queueFull;
    private int _flushes;
    private int _keylessPartition;
    private int _heldRecords;
    private long _heldBytes;

    public KafkaWriter(LogSink<T> sink, string topic, int partitions, bool transactional, StagingBudget budget, TimeProvider time, Action wake)
    {
        _sink = sink;
        _transactional = transactional;
        Topic = topic;
        _partitions = partitions;
        _budget = budget;
        _wake = wake;
        _staging = new RecordStaging(partitions);
        _beforeSwitch = new RecordStaging(partitions);
        _keylessPartition = Random.Shared.Next(partitions);
        _retry = time.CreateTimer(static writer => ((KafkaWriter<T>)writer!).RetryIsDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private enum Mode
    {
        /// <summary>What is written is held back.</summary>
        Staging,

        /// <summary>What was held back goes out; nothing is taken meanwhile.</summary>
        Releasing,

        /// <summary>What is written goes to the client.</summary>
        Direct,
    }

    public string Topic { get; }

    public bool IsReady => _mode switch
    {
        Mode.Direct => !_queueFull || TryAgain(),
        Mode.Staging => _budget.HasRoom,
        _ => false,
    };

    public void Write(in T record, RecordContext context)
    {
        if (_mode == Mode.Direct)
        {
            int partition = Stage(in record, context, out int waiting, out _);
            if (waiting >= CallMin && !_queueFull && !_staging.HandOver(_target!, partition))
            {
                WaitForQueue();
            }
            return;
        }
        lock (_gate)
        {
            Stage(in record, context, out _, out int bytes);
            if (_mode != Mode.Direct)
            {
                _heldRecords++;
                _heldBytes += bytes;
                _budget.Take(1, bytes);
            }
        }
    }

    public void EndStep()
    {
        if (_mode == Mode.Direct && !_queueFull && !_staging.IsEmpty)
        {
            _keylessPartition = Random.Shared.Next(_partitions);
            if (!_staging.HandOver(_target!))
            {
                WaitForQueue();
            }
        }
    }

    public void Switch(long checkpoint)
    {
        lock (_gate)
        {
            Debug.Assert(_mode == Mode.Direct, "the last switch's staging was released");
            if (!_staging.HandOver(_target!))
            {
                (_staging, _beforeSwitch) = (_beforeSwitch, _staging);
            }
            _queueFull = false;
            _mode = Mode.Staging;
        }
    }

    public bool HandOverBeforeSwitch()
    {
        lock (_gate)
        {
            if (_mode == Mode.Direct)
            {
                // Its subtask finished before the checkpoint: all it wrote lies before the switch.
                (_staging, _beforeSwitch) = (_beforeSwitch, _staging);
                _mode = Mode.Staging;
            }
            return _beforeSwitch.HandOver(_target!);
        }
    }

    public bool Release(ProducerTopic topic)
    {
        lock (_gate)
        {
            _target = topic;
            if (_flushes > 0)
            {
                return true;      // the last flush does it
            }
            _mode = Mode.Releasing;
            if (!HandOverHeld(topic))
            {
                return false;
            }
            _queueFull = false;
            _mode = Mode.Direct;
        }
        _wake();
        return true;
    }

    /// <summary>Where the sink is not transactional: lets the writer go on by itself. Blocks.</summary>
    public void Open(ProducerTopic topic, CancellationToken cancellation) => Until(() => Release(topic), topic.Producer, cancellation);

    public ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (_transactional)
        {
            return ValueTask.CompletedTask;      // the commit flushes
        }
        lock (_gate)
        {
            _flushes++;
            _mode = Mode.Staging;
        }
        // The client's flush blocks, so it gets a thread: once a checkpoint.
        return new ValueTask(Task.Factory.StartNew(() => Flush(cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    // What is held stays: a finished subtask's last records may still wait for their transaction.
    public void Dispose()
    {
        _disposed = true;
        _retry.Dispose();
    }

    private void Flush(CancellationToken cancellation)
    {
        Until(() => Volatile.Read(ref _target) is not null, null, cancellation);
        var target = _target!;
        Until(() => Held(target), target.Producer, cancellation);
        Until(() => target.Producer.Flush(timeoutMs: 100) == 0, target.Producer, cancellation);
        lock (_gate)
        {
            _flushes--;
        }
        Until(() => Release(target), target.Producer, cancellation);
    }

    private bool Held(ProducerTopic target)
    {
        lock (_gate)
        {
            return HandOverHeld(target);
        }
    }

    private bool HandOverHeld(ProducerTopic target)
    {
        if (!_staging.HandOver(target))
        {
            return false;
        }
        _budget.Return(_heldRecords, _heldBytes);
        _heldRecords = 0;
        _heldBytes = 0;
        return true;
    }

    private void Until(Func<bool> done, KafkaProducer? producer, CancellationToken cancellation)
    {
        while (!done())
        {
            cancellation.ThrowIfCancellationRequested();
            ThrowIfOver(producer);
            Thread.Sleep(1);
        }
        ThrowIfOver(producer);
    }

    private void ThrowIfOver(KafkaProducer? producer)
    {
        if (producer?.Failure is { } failure)
        {
            throw failure;
        }
        if (_disposed)
        {
            throw new OperationCanceledException("The writer was disposed.");
        }
    }

    private int Stage(in T record, RecordContext context, out int waiting, out int bytes)
    {
        _key.Clear();
        bool hasOwnKey = _sink.Messages.EncodeKey(in record, context.Bytes, _key);
        bool hasKey = hasOwnKey || context.HasKey;
        var key = hasOwnKey ? _key.Written : context.Key;
        int partition = PartitionOf(in record, hasKey, key);
        var output = _staging.Begin(partition, hasKey, key);
        bool hasValue = _sink.Messages.EncodeValue(in record, context.Bytes, output);
        _staging.EndValue(partition, hasValue);
        _headers.Output = output;
        _sink.Messages.EncodeHeaders(in record, context.Bytes, _headers);
        waiting = _staging.End(partition, _sink.Messages.TimestampOf(in record, context.Timestamp), out bytes);
        return partition;
    }

    private int PartitionOf(in T record, bool hasKey, ReadOnlySpan<byte> key)
    {
        if (_sink.Partition is not { } choice)
        {
            return hasKey ? Murmur2.Partition(key, _partitions) : _keylessPartition;
        }
        int chosen = choice(in record, _partitions);
        return (uint)chosen < (uint)_partitions
            ? chosen
            : throw new JobException(JobFailure.Permanent, $"Sink {_sink.Name}: the job's own choice of partition gave {chosen}; {Topic} has partitions 0 to {_partitions - 1}.");
    }

    private void WaitForQueue()
    {
        _queueFull = true;
        _retryDue = false;
        _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
    }

    private void RetryIsDue()
    {
        _retryDue = true;
        _wake();
    }

    private bool TryAgain()
    {
        if (!_retryDue)
        {
            return false;
        }
        if (_staging.HandOver(_target!))
        {
            _queueFull = false;
            return true;
        }
        WaitForQueue();
        return false;
    }
}
