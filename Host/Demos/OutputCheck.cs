using System.Collections;
using Confluent.Kafka;
using Weir.Jobs;

namespace Weir.Demos;

/// <summary>Reads what the ledger committed, and compares it with what its input demands.</summary>
/// <param name="bootstrap">The broker.</param>
/// <param name="partitions">Partitions of the output.</param>
/// <param name="expected">Records of the input: those of the numbers 0 up to this.</param>
internal sealed class OutputCheck(string bootstrap, int partitions, long expected)
{
    private static readonly TimeSpan s_readMax = TimeSpan.FromMilliseconds(200);

    private readonly BitArray _seen = new((int)expected);
    private readonly Dictionary<long, long> _balances = [];
    private long _distinct;

    /// <summary>Records of the output.</summary>
    public long Records { get; private set; }

    /// <summary>Records of the input that are not there.</summary>
    public long Lost => expected - _distinct;

    /// <summary>Records that are there once more.</summary>
    public long Doubled { get; private set; }

    /// <summary>Records whose balance is not the sum of the account's bookings up to them.</summary>
    public long Wrong { get; private set; }

    public bool IsRight => Lost == 0 && Doubled == 0 && Wrong == 0;

    /// <summary>Reads until all is there, and then to the end; also when who writes has ended.</summary>
    public Task ReadAllAsync(Task ended, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => ReadAll(ended, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void ReadAll(Task ended, CancellationToken cancellation)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "weir-demo-check",
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
        };
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(LedgerSample.Output, partition, Offset.Beginning)));
        var atEnd = new HashSet<Partition>();
        while (!(atEnd.Count == partitions && (Lost == 0 || ended.IsCompleted)))
        {
            cancellation.ThrowIfCancellationRequested();
            var message = consumer.Consume(s_readMax);
            if (message is { IsPartitionEOF: true })
            {
                atEnd.Add(message.Partition);
            }
            else if (message is not null)
            {
                atEnd.Remove(message.Partition);
                Count(LedgerMessages.Instance.Decode(new Message { Key = message.Message.Key, Value = message.Message.Value, HasKey = true, HasValue = true }));
            }
        }
    }

    private void Count(LedgerEntry entry)
    {
        Records++;
        bool isKnown = entry.Seq >= 0 && entry.Seq < expected;
        if (!isKnown || _seen[(int)entry.Seq])
        {
            Doubled++;
            return;
        }
        _seen[(int)entry.Seq] = true;
        _distinct++;
        var booking = LedgerSample.Booking(entry.Seq, entry.CreatedMs);
        long balance = _balances[booking.Account] = _balances.GetValueOrDefault(booking.Account) + booking.Amount;
        if (entry.Account != booking.Account || entry.Balance != balance)
        {
            Wrong++;
        }
    }
}
