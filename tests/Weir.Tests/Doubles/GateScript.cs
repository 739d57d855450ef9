using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Tests.Doubles;

/// <summary>A subtask with some input channels, fed by hand and stepped by hand.</summary>
/// <remarks>At the end it is released, and every batch must have come home.</remarks>
internal sealed class GateScript : IDisposable
{
    private static readonly RecordFormat<long> Format = new(Codec.Int64);

    private readonly BatchLedger _ledger = new();
    private readonly BatchPool<long> _pool;
    private readonly Channel<long>[] _channels;
    private readonly RecordContext _record = new();
    private readonly GateSubtask _producer;

    public GateScript(int channels = 1, bool transactional = false, bool atLeastOnce = false, long maxInFlightBytes = long.MaxValue, int? broadcast = null, int? late = null)
    {
        _pool = _ledger.Pool<long>("producers");
        Head = new HandOperator(_record, null, isTransactional: !atLeastOnce);
        Output = new HandGate(() => Head.Taken.Count);
        _channels = [.. Enumerable.Range(0, channels).Select(from => new Channel<long>(new ChannelId("in", from, 0)) { Format = Format, StaysAligned = from == broadcast, IsAwaited = from == broadcast || from == late })];
        _producer = Make([], new HandOperator(new RecordContext(), null, true), new RecordContext(), "producer", null, long.MaxValue);
        Subtask = Make(_channels, Head, _record, "subtask", transactional ? Head : null, maxInFlightBytes);
        foreach (var channel in _channels)
        {
            channel.Credit = new GateCredit(CreditOfAChannel) { Producer = _producer };
        }
    }

    public const int CreditOfAChannel = 2;

    public HandExecutor Executor { get; } = new();

    public MemoryStorage Storage { get; } = new();

    public RecordingEvents Events { get; } = new();

    public List<string> Said => Events.Said;

    public HandOperator Head { get; }

    public HandGate Output { get; }

    public GateSubtask Subtask { get; }

    public IReadOnlyList<long> Taken => Head.Taken;

    public int BatchesOut => _ledger.Outstanding;

    /// <summary>Whether the subtask waits to be stepped.</summary>
    public bool IsQueued => Executor.Ready.Contains(Subtask);

    /// <summary>Whether the producer was woken by a credit that came back.</summary>
    public bool ProducerIsQueued => Executor.Ready.Contains(_producer);

    public GateCredit Credit(int channel) => _channels[channel].Credit;

    public Channel<long> Channel(int channel) => _channels[channel];

    public Checkpoint Begin(long id, CheckpointMode mode = CheckpointMode.Unaligned, bool isSelfContained = false) =>
        new(id, mode, new CheckpointFiles(Storage, $"chk-{id}", 5)) { IsSelfContained = isSelfContained };

    /// <summary>Puts one batch into a channel, which takes a credit of its producer.</summary>
    public void Deliver(int channel, params ReadOnlySpan<long> records)
    {
        _channels[channel].Credit.Take();
        _channels[channel].Put(Fill(_pool, records));
    }

    /// <summary>Adds records that a checkpoint had in flight.</summary>
    public void Restore(int channel, params ReadOnlySpan<long> records)
    {
        Subtask.AddRestored(_channels[channel], layer: 0, Encode(records), origin: null);
    }

    /// <summary>Adds records that an earlier checkpoint had in flight, which may stay in the file where they lie; returns where that is.</summary>
    public SegmentHandle RestoreFrom(string folder, int channel, int layer, params ReadOnlySpan<long> records)
    {
        var stored = Encode(records);
        string name = CheckpointPaths.ChannelFile(Storage.Names.Count());
        var handle = WriteAsync($"{folder}/{name}", name, stored).Result with { File = CheckpointPaths.FromBeside(folder, name) };
        Subtask.AddRestored(_channels[channel], layer, stored, handle);
        return handle;
    }

    public void Barrier(int channel, Checkpoint checkpoint) => _channels[channel].PutBarrier(checkpoint);

    public void End(int channel) => _channels[channel].PutEnd();

    /// <summary>Steps it once, as an executor would: if it is queued.</summary>
    public void Step() => Executor.Run(Subtask);

    /// <summary>Steps it until it is not queued any more.</summary>
    public void StepToRest()
    {
        for (int steps = 0; Executor.Run(Subtask); steps++)
        {
            Assert.True(steps < 10_000, "It never comes to rest.");
        }
    }

    /// <summary>Lets it take so many more records, and stops it there, in the middle of a batch or not.</summary>
    public void Take(int records)
    {
        Head.Room = records;
        Subtask.Wake();
        StepToRest();
    }

    /// <summary>Lets it take all that it may.</summary>
    public void TakeAll() => Take(int.MaxValue);

    public void RunBackground() => Executor.RunBackground();

    /// <summary>The coordinator's walk when a checkpoint has turned unaligned.</summary>
    public void Lift(Checkpoint checkpoint)
    {
        foreach (var channel in _channels)
        {
            channel.LiftBarrier(checkpoint);
        }
    }

    /// <summary>What the coordinator does when it gives a checkpoint up, or when it is complete.</summary>
    public Task End(Checkpoint checkpoint, bool mail = true)
    {
        var quiet = checkpoint.End();
        foreach (var channel in _channels)
        {
            channel.DropBarrier(checkpoint);
        }
        if (mail)
        {
            MailEnded(checkpoint);
        }
        return quiet;
    }

    public void MailEnded(Checkpoint checkpoint) => Subtask.Mail(() => Subtask.CheckpointEnded(checkpoint));

    /// <summary>What a checkpoint that was acknowledged holds of a channel; makes its files durable first.</summary>
    public IReadOnlyList<long> Stored(Checkpoint checkpoint, int channel)
    {
        if (!Storage.Names.Any(name => name.StartsWith(checkpoint.Files.Folder, StringComparison.Ordinal)))
        {
            Assert.True(checkpoint.Files.CommitAsync(CancellationToken.None).IsCompletedSuccessfully);
        }
        return [.. Events.Acknowledged[checkpoint.Id].InFlight.Where(one => one.Channel.From == channel).SelectMany(one => one.Segments).SelectMany(segment => Read(checkpoint, segment))];
    }

    /// <summary>The same of all channels.</summary>
    public IReadOnlyList<long> Stored(Checkpoint checkpoint) => [.. Enumerable.Range(0, _channels.Length).SelectMany(channel => Stored(checkpoint, channel))];

    public void Dispose()
    {
        Storage.ReleaseAll();
        RunBackground();
        Subtask.Release();
        RunBackground();
        _ledger.AllMustBeHome();
    }

    private async Task<SegmentHandle> WriteAsync(string path, string name, ReadOnlyMemory<byte> payload)
    {
        await using var file = await Storage.CreateAsync(path, CancellationToken.None);
        var writer = new SegmentWriter(file, name);
        var handle = await writer.AppendAsync([payload], CancellationToken.None);
        await writer.FlushAsync(CancellationToken.None);
        await file.CommitAsync(CancellationToken.None);
        return handle;
    }

    private ReadOnlyMemory<byte> Encode(ReadOnlySpan<long> records)
    {
        var stored = new ByteArena();
        for (; !records.IsEmpty; records = records[Math.Min(records.Length, Batch.Capacity)..])
        {
            var batch = Fill(_pool, records[..Math.Min(records.Length, Batch.Capacity)]);
            _ = Format.Encode(batch, 0, int.MaxValue, stored);
            batch.LetGo();
        }
        return stored.WrittenMemory;
    }

    private static Batch<long> Fill(BatchPool<long> pool, ReadOnlySpan<long> records)
    {
        var batch = pool.Rent();
        var context = new RecordContext();
        foreach (long record in records)
        {
            batch.Add(in record, context, null);
        }
        return batch;
    }

    private List<long> Read(Checkpoint checkpoint, StoredSegment segment)
    {
        var payload = SegmentReader.ReadAsync(Storage, checkpoint.Files.Folder, segment.Handle, CancellationToken.None).AsTask().Result.Span;
        Assert.Equal(segment.Bytes, payload.Length);
        var pool = new BatchPool<long>("reader");
        var records = new List<long>();
        while (!payload.IsEmpty)
        {
            var batch = pool.Rent();
            payload = payload[Format.Decode(payload, batch, new RecordContext())..];
            records.AddRange(batch.Items.AsSpan(0, batch.Count));
        }
        Assert.Equal(segment.Records, records.Count);
        return records;
    }

    private GateSubtask Make(Channel<long>[] channels, HandOperator head, RecordContext record, string name, HandOperator? sink, long maxInFlightBytes)
    {
        var parts = new SubtaskParts
        {
            Id = new SubtaskId(0, 0),
            Name = name,
            Ordinal = 0,
            Executor = Executor,
            Events = Events,
            Record = record,
            Operators = [head],
            Outputs = [Output],
            Sink = sink,
            MaxInFlightBytes = maxInFlightBytes,
        };
        var subtask = new GateSubtask(parts, new InputGate<long>(channels, head, null, record, _ledger.Pool<long>($"{name}, restored")));
        subtask.Begin();
        return subtask;
    }
}
