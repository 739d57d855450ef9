using BenchmarkDotNet.Attributes;
using Weir.Connectors.Kafka.Native;
using Weir.Connectors.Kafka.Sink;
using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>A record on its way into the Kafka client, without one: encoded into its partition's staging, and described for the client's call; an operation is a record.</summary>
[MemoryDiagnoser]
public unsafe class StagingBench
{
    private const int Records = 512;

    private readonly RecordStaging.PartitionStage _stage = new(partition: 0);
    private readonly NativeMessage[] _call = GC.AllocateArray<NativeMessage>(Records, pinned: true);
    private readonly LedgerEntry[] _entries = Entries.Make(Records, accounts: 1_000_000);
    private readonly RecordContext _context = Entries.Context();
    private readonly ByteArena _key = new();

    [GlobalSetup]
    public void Check()
    {
        Invariant.Holds(Stage() == Records * (sizeof(long) + 100));
        StageAndDescribe();
        Invariant.Holds(_call[^1].KeyLength == sizeof(long) && _call[^1].ValueLength == 100);
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public int Stage()
    {
        int bytes = Fill();
        _stage.Clear();
        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void StageAndDescribe()
    {
        Fill();
        fixed (byte* bytes = _stage.Bytes.Written)
        fixed (NativeMessage* call = _call)
        {
            _stage.Took(_stage.Fill(call, Records, bytes));
        }
        _stage.Clear();
    }

    /// <summary>Which partition a key without a choice of the job's own has.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public int Partition()
    {
        int sum = 0;
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            _key.Clear();
            _key.WriteInt64(entry.Account);
            sum += Murmur2.Partition(_key.Written, 8);
        }
        return sum;
    }

    private int Fill()
    {
        int sum = 0;
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            _key.Clear();
            bool hasKey = LedgerMessages.Instance.EncodeKey(in entry, _context.Bytes, _key);
            _stage.Begin(hasKey, _key.Written);
            bool hasValue = LedgerMessages.Instance.EncodeValue(in entry, _context.Bytes, _stage.Bytes);
            _stage.EndValue(hasValue);
            _stage.End(RecordContext.NoTimestamp, out int bytes);
            sum += bytes;
        }
        return sum;
    }
}
