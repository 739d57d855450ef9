using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Partitioning;
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
    private readonly SpillSpace _spill;

    public GateScript(int channels = 1, bool transactional = false, bool atLeastOnce = false, long maxInFlightBytes = long.MaxValue, int? broadcast = null, int? late = null)
    {
        _pool = _ledger.Pool<long>("producers");
        _spill = new SpillSpace(SpillFile, regionBytes: 1 << 10);
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

    public MemorySpill SpillFile { get; } = new();

    /// <summary>Bytes of spilled batches that somebody still needs.</summary>
    public long SpilledBytes => _spill.Bytes;

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

    public Checkpoint Begin(long id, CheckpointMode mode = CheckpointMode.Unaligned) => new(id, mode, new CheckpointFiles(Storage, $"chk-{id}", 5), subtasks: 1);

    /// <summary>Puts one batch into a channel, which takes a credit of its producer.</summary>
    public void Deliver(int channel, params ReadOnlySpan<long> records)
    {
        _channels[channel].Credit.Take();
        _channels[channel].Put(Fill(_pool, records));
    }

    /// <summary>Adds records that a checkpoint had in flight, and behind them a watermark, where one is given.</summary>
    public void Restore(int channel, ReadOnlySpan<long> records, long? watermark = null, bool isIdle = false)
    {
        var stored = records.IsEmpty ? new ByteArena() : Encode(records);
        if (watermark is { } mark)
        {
            stored.Append(RecordFormat.EncodeWatermark(mark, isIdle));
        }
        Subtask.AddRestored(_channels[channel], layer: 0, stored.WrittenMemory, origin: null);
    }

    /// <summary>Adds records that an earlier checkpoint had in flight, which may stay in the file where they lie; returns where that is.</summary>
    public SegmentHandle RestoreFrom(string folder, int channel, int layer, params ReadOnlySpan<long> records)
    {
        var stored = Encode(records).WrittenMemory;
        string name = CheckpointPaths.ChannelFile(Storage.Names.Count());
        var handle = WriteAsync($"{folder}/{name}", name, stored).Result with { File = CheckpointPaths.FromBeside(folder, name) };
        Subtask.AddRestored(_channels[channel], layer, stored, handle);
        return handle;
    }

    /// <summary>Puts a watermark into a channel.</summary>
    public void Watermark(int channel, long watermark, bool isIdle = false) => _channels[channel].PutWatermark(watermark, isIdle);

    /// <summary>What a checkpoint that was acknowledged holds of a channel, with its watermarks: <c>1 2 w20 3 w20i</c>, where <c>i</c> is for idle.</summary>
    public string StoredText(Checkpoint checkpoint, int channel) => string.Join(' ', StoredElements(checkpoint, channel).Select(element => element.IsWatermark ? $"w{element.Value}{(element.IsIdle ? "i" : "")}" : $"{element.Value}"));

    /// <summary>What a checkpoint that was acknowledged says of a channel's watermark.</summary>
    public long StoredWatermark(Checkpoint checkpoint, int channel) => Events.Acknowledged[checkpoint.Id].Watermarks.Received?.First(one => one.From == channel).Watermark ?? long.MinValue;

    /// <summary>Puts one batch into a channel whose records are in the spill file.</summary>
    public void DeliverSpilled(int channel, params ReadOnlySpan<long> records)
    {
        _channels[channel].Credit.Take();
        _channels[channel].Put(_spill.Put(Encode(records).Written, records.Length));
    }

    /// <summary>A way out that leads into one of the channels, with its credit.</summary>
    public OutputGate<long> GateInto(int channel, RecordContext context, int overdraft, MemoryShare budget) => new(
        [_channels[channel]], new ForwardPartitioner<long>(), context, _channels[channel].Credit, _pool, Codec.Int64, overdraft, new Overflow<long>(Format, budget, _spill));

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
    public IReadOnlyList<long> Stored(Checkpoint checkpoint, int channel) => [.. StoredElements(checkpoint, channel).Where(element => !element.IsWatermark).Select(element => element.Value)];

    private List<(bool IsWatermark, long Value, bool IsIdle)> StoredElements(Checkpoint checkpoint, int channel)
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
        Assert.Equal(0, SpilledBytes);
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

    private ByteArena Encode(ReadOnlySpan<long> records)
    {
        var stored = new ByteArena();
        for (; !records.IsEmpty; records = records[Math.Min(records.Length, Batch.Capacity)..])
        {
            var batch = Fill(_pool, records[..Math.Min(records.Length, Batch.Capacity)]);
            _ = Format.Encode(batch, 0, int.MaxValue, stored);
            batch.LetGo();
        }
        return stored;
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

    private List<(bool IsWatermark, long Value, bool IsIdle)> Read(Checkpoint checkpoint, StoredSegment segment)
    {
        var payload = SegmentReader.ReadAsync(Storage, checkpoint.Files.Folder, segment.Handle, CancellationToken.None).AsTask().Result.Span;
        Assert.Equal(segment.Bytes, payload.Length);
        var pool = new BatchPool<long>("reader");
        var elements = new List<(bool IsWatermark, long Value, bool IsIdle)>();
        while (!payload.IsEmpty)
        {
            if (RecordFormat.IsWatermark(payload))
            {
                elements.Add((true, RecordFormat.WatermarkOf(payload), RecordFormat.IsIdle(payload)));
                payload = payload[RecordFormat.HeaderSize..];
                continue;
            }
            var batch = pool.Rent();
            payload = payload[Format.Decode(payload, batch, new RecordContext())..];
            elements.AddRange(batch.Items.Take(batch.Count).Select(record => (false, record, false)));
        }
        Assert.Equal(segment.Records, elements.Count(element => !element.IsWatermark));
        return elements;
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
            Exits = [new WatermarkExit(1, [Output])],
            Sink = sink,
            MaxInFlightBytes = maxInFlightBytes,
            Channels = new MemoryShare(),
        };
        var subtask = new GateSubtask(parts, new InputGate<long>(channels, head, null, record, _ledger.Pool<long>($"{name}, restored")));
        subtask.Begin();
        return subtask;
    }
}
