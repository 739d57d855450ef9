using System.Buffers.Binary;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Weir.Chaos;

/// <summary>An input of the ledger, and what a reader of its output sees.</summary>
/// <param name="bootstrap">The broker.</param>
/// <param name="input">The input's topic.</param>
/// <param name="output">The output's.</param>
/// <param name="records">Entries in the input.</param>
/// <param name="accounts">Accounts that they are of.</param>
/// <param name="poison">Messages in between that are no entries, evenly.</param>
internal sealed class LedgerTopics(string bootstrap, string input, string output, int records, int accounts, int poison = 0)
{
    private const int Partitions = 4;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public string Bootstrap => bootstrap;

    public string Input => input;

    public string Output => output;

    /// <summary>Where what is no entry is to go; null where all are.</summary>
    public string? DeadLetters => poison > 0 ? $"{output}-dead-letters" : null;

    /// <summary>Makes the topics and writes all of the input.</summary>
    public async Task FeedAsync()
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build())
        {
            string?[] names = [input, output, DeadLetters];
            await admin.CreateTopicsAsync(names.OfType<string>().Select(name => new TopicSpecification { Name = name, NumPartitions = Partitions, ReplicationFactor = 1 }));
        }
        var config = new ProducerConfig { BootstrapServers = bootstrap, EnableIdempotence = true, LingerMs = 20, QueueBufferingMaxMessages = 2 * records };
        using var producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        for (int seq = 0; seq < records; seq++)
        {
            long account = LedgerRecord.Account(seq, accounts);
            var partition = new TopicPartition(input, new Partition((int)(account % Partitions)));
            producer.Produce(partition, new Message<byte[], byte[]> { Key = LedgerRecord.Key(account), Value = LedgerRecord.Value(seq, balance: 0) });
            if (poison > 0 && seq % (records / poison) == 0)
            {
                producer.Produce(partition, new Message<byte[], byte[]> { Key = LedgerRecord.Key(account), Value = BitConverter.GetBytes(seq) });
            }
        }
        Assert.Equal(0, producer.Flush(s_patience));
    }

    /// <summary>Reads all that is committed, and compares it with what the input demands.</summary>
    public LedgerAudit Audit()
    {
        var audit = new LedgerAudit(records, accounts);
        Read(output, result => audit.Take(result.Partition, result.Message.Key, result.Message.Value));
        if (DeadLetters is { } letters)
        {
            audit.Expect(Enumerable.Range(0, poison).Select(number => number * (records / poison)));
            Read(letters, result => audit.TakeLetter(BitConverter.ToInt32(result.Message.Value)));
        }
        return audit;
    }

    private void Read(string topic, Action<ConsumeResult<byte[], byte[]>> take)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "audit",
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
        };
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        int open = Partitions;
        while (open > 0)
        {
            var result = consumer.Consume(s_patience);
            Assert.NotNull(result);
            if (result.IsPartitionEOF)
            {
                open--;
            }
            else
            {
                take(result);
            }
        }
        consumer.Close();
    }
}

/// <summary>What is wrong with an output of the ledger: all counts are 0 when it is exactly what one run without a failure writes.</summary>
internal sealed class LedgerAudit(int records, int accounts)
{
    private readonly bool[] _seen = new bool[records];
    private readonly (long LastSeq, long Balance, int Partition)[] _accounts = [.. Enumerable.Repeat((-1L, 0L, -1), accounts)];
    private readonly Dictionary<int, int> _letters = [];
    private int _distinct;

    public int Missing => records - _distinct;

    public int Duplicates { get; private set; }

    public int Reordered { get; private set; }

    public int WrongBalance { get; private set; }

    public int Corrupt { get; private set; }

    /// <summary>Dead letters that are not there once.</summary>
    public int WrongLetters => _letters.Values.Count(times => times != 0);

    /// <summary>These must be there as dead letters.</summary>
    public void Expect(IEnumerable<int> letters)
    {
        foreach (int letter in letters)
        {
            _letters[letter] = -1;
        }
    }

    public void TakeLetter(int letter) => _letters[letter] = _letters.GetValueOrDefault(letter) + 1;

    public void Take(int partition, byte[] key, byte[] value)
    {
        long seq = value.Length == LedgerRecord.ValueLength ? BinaryPrimitives.ReadInt64BigEndian(value) : -1;
        if (seq < 0 || seq >= records)
        {
            Corrupt++;
            return;
        }
        long balance = BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(24));
        long number = LedgerRecord.Account(seq, accounts);
        if (!key.AsSpan().SequenceEqual(LedgerRecord.Key(number)) || !value.AsSpan().SequenceEqual(LedgerRecord.Value(seq, balance)))
        {
            Corrupt++;
            return;
        }
        if (_seen[seq])
        {
            Duplicates++;
            return;
        }
        _seen[seq] = true;
        _distinct++;
        ref var account = ref _accounts[number];
        if (seq < account.LastSeq || (account.Partition >= 0 && account.Partition != partition))
        {
            Reordered++;
        }
        account = (seq, account.Balance + LedgerRecord.Amount(seq), partition);
        if (balance != account.Balance)
        {
            WrongBalance++;
        }
    }

    public override string ToString() => $"missing {Missing}, duplicates {Duplicates}, reordered {Reordered}, wrong balance {WrongBalance}, corrupt {Corrupt}, wrong letters {WrongLetters}";
}
