using BenchmarkDotNet.Attributes;
using Weir.Jobs;
using Weir.Runtime;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>A batch through a channel: rented, credit taken, put, taken, let go, credit returned.</summary>
[MemoryDiagnoser]
public class ChannelBench
{
    // So many that starting a thread is no part of the result.
    private const int Batches = 100_000;
    private const int ExchangedBatches = 4_000;

    private readonly Channel<LedgerEntry> _channel;
    private readonly BatchPool<LedgerEntry> _pool = new("bench");
    private readonly LedgerEntry[] _entries = Entries.Make(Batch.Capacity, accounts: 1_000_000);
    private readonly RecordContext _context = Entries.Context();
    private long _taken;

    public ChannelBench()
    {
        var executor = new StillExecutor();
        var tally = new TallyEnd();
        _channel = Wiring.Channels(1)[0];
        var subtask = Wiring.Subtask(executor, [_channel], tally, new RecordContext());
        _channel.Credit = new GateCredit(Wiring.Settings.BatchesPerChannel + Wiring.Settings.FloatingBatches) { Producer = subtask };
    }

    [GlobalSetup]
    public void Check()
    {
        Invariant.Holds(OneThread() == Batches);
        Invariant.Holds(TwoThreads() == Batches);
        Invariant.Holds(Exchange() == ExchangedBatches * _entries.Sum(entry => entry.Amount));
        Invariant.Holds(_pool.Outstanding == 0);
    }

    /// <summary>An operation is a batch of one record.</summary>
    [Benchmark(OperationsPerInvoke = Batches)]
    public long OneThread()
    {
        _taken = 0;
        for (int i = 0; i < Batches; i++)
        {
            Put(records: 1, slices: null);
            TryTake();
        }
        return _taken;
    }

    /// <summary>The same, from one thread to another.</summary>
    [Benchmark(OperationsPerInvoke = Batches)]
    public long TwoThreads() => Between(Batches, records: 1, slices: null, batch => 1);

    /// <summary>Full batches from one thread to another, bytes included, all records read; an operation is a record.</summary>
    [Benchmark(OperationsPerInvoke = ExchangedBatches * Batch.Capacity)]
    public long Exchange() => Between(ExchangedBatches, Batch.Capacity, LedgerCodec.Instance, Amounts);

    private long Between(int batches, int records, Codec<LedgerEntry>? slices, Func<Batch<LedgerEntry>, long> read)
    {
        long sum = 0;
        var consumer = new Thread(() =>
        {
            var spin = default(SpinWait);
            for (int left = batches; left > 0;)
            {
                if (_channel.MayHaveMore && _channel.TryTake(out var taken) && taken.Batch is { } batch)
                {
                    sum += read(batch);
                    Return(batch);
                    left--;
                    spin.Reset();
                }
                else
                {
                    spin.SpinOnce(sleep1Threshold: -1);
                }
            }
        });
        consumer.Start();
        for (int i = 0; i < batches; i++)
        {
            var spin = default(SpinWait);
            while (!_channel.Credit.HasRoom)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
            Put(records, slices);
        }
        consumer.Join();
        return sum;
    }

    private void Put(int records, Codec<LedgerEntry>? slices)
    {
        _ = _channel.Credit.Take();
        var batch = _pool.Rent();
        foreach (ref readonly var entry in _entries.AsSpan(0, records))
        {
            batch.Add(in entry, _context, slices);
        }
        _channel.Put(batch);
    }

    private void TryTake()
    {
        if (_channel.MayHaveMore && _channel.TryTake(out var taken) && taken.Batch is { } batch)
        {
            Return(batch);
            _taken++;
        }
    }

    private void Return(Batch<LedgerEntry> batch)
    {
        batch.LetGo();
        _channel.Credit.Return();
    }

    private static long Amounts(Batch<LedgerEntry> batch)
    {
        long amounts = 0;
        foreach (ref readonly var entry in batch.Items.AsSpan(0, batch.Count))
        {
            amounts += entry.Amount;
        }
        return amounts;
    }
}
