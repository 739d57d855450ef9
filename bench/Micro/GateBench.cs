using BenchmarkDotNet.Attributes;
using Weir.Jobs;
using Weir.Runtime;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Partitioning;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>A record by its key's hash to one of N channels, which are emptied on the same thread when there is no credit; an operation is a record.</summary>
[MemoryDiagnoser]
public class GateBench
{
    private const int Records = 64 * 1024;

    // A record goes into one batch here, so that no gate is past its overdraft.
    private static readonly SpillSpace s_noSpace = new(null!, regionBytes: 1);

    private readonly LedgerEntry[] _entries = Entries.Make(Records, accounts: 1_000_000);
    private readonly RecordContext _context = Entries.Context();
    private Channel<LedgerEntry>[] _channels = [];
    private Partitioner<LedgerEntry> _partitioner = null!;
    private OutputGate<LedgerEntry> _fixed = null!;
    private OutputGate<LedgerEntry> _withSlices = null!;
    private long _taken;

    [Params(2, 8, 32)]
    public int Channels { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _channels = Wiring.Channels(Channels);
        var subtask = Wiring.Subtask(new StillExecutor(), _channels, new TallyEnd(), new RecordContext());
        var credit = new GateCredit((Wiring.Settings.BatchesPerChannel * Channels) + Wiring.Settings.FloatingBatches) { Producer = subtask };
        foreach (var channel in _channels)
        {
            channel.Credit = credit;
        }
        _partitioner = new KeyHashPartitioner<long, LedgerEntry>(static (in entry) => entry.Account, KeyCodec.Int64, Channels, KeyGroups.MaxParallelismDefault, _context);
        var pool = new BatchPool<LedgerEntry>("bench");
        _fixed = Gate(new FixedEntryCodec(), credit, pool);
        _withSlices = Gate(LedgerCodec.Instance, credit, pool);
        Check(_fixed, pool);
        Check(_withSlices, pool);
    }

    /// <summary>The choice alone.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public int Select()
    {
        int sum = 0;
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            sum += _partitioner.Select(in entry);
        }
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void EmitFixed() => EmitAll(_fixed);

    [Benchmark(OperationsPerInvoke = Records)]
    public void EmitWithSlice() => EmitAll(_withSlices);

    private OutputGate<LedgerEntry> Gate(Codec<LedgerEntry> codec, GateCredit credit, BatchPool<LedgerEntry> pool) =>
        new(_channels, _partitioner, _context, credit, pool, codec, overdraft: 5, new Overflow<LedgerEntry>(new RecordFormat<LedgerEntry>(codec), new MemoryShare(0), s_noSpace));

    private void EmitAll(OutputGate<LedgerEntry> gate)
    {
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            if (!gate.HasRoom)
            {
                TakeAll();
            }
            gate.Emit(in entry);
        }
        gate.Flush();
        TakeAll();
    }

    private void TakeAll()
    {
        foreach (var channel in _channels)
        {
            while (channel.TryTake(out var taken) && taken.Batch is { } batch)
            {
                _taken += batch.Count;
                batch.LetGo();
                channel.Credit.Return();
            }
        }
    }

    private void Check(OutputGate<LedgerEntry> gate, BatchPool<LedgerEntry> pool)
    {
        _taken = 0;
        EmitAll(gate);
        Invariant.Holds(_taken == Records);
        Invariant.Holds(pool.Outstanding == 0);
    }
}
