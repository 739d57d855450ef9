using Weir.Sandbox;
using Weir.Sandbox.Groups;
using Weir.Sandbox.Log;
using Weir.Sandbox.Wire;
using Weir.Tests.Doubles;

namespace Weir.Tests.Sandbox;

/// <summary>What a producer of transactions may see of the broker: docs/exactly-once.md relies on it.</summary>
public sealed class TransactionTests
{
    private const string Id = "weir.job.0";
    private const string Group = "group";
    private const int TimeoutMs = 10_000;

    private readonly ManualClock _clock = new();
    private readonly BrokerState _broker;
    private readonly PartitionLog _log;

    public TransactionTests()
    {
        _broker = new BrokerState(new InMemoryBrokerOptions { Time = _clock }, port: 1, _ => { });
        Assert.Equal(ErrorCode.None, _broker.Topics.Create("out", 1, TopicSettings.Default, out var topic));
        _log = topic!.Partitions[0];
    }

    [Fact]
    public void What_is_open_is_not_read_and_what_is_committed_is()
    {
        var producer = Init();
        Open(producer, records: 3);
        Assert.Equal((0, 3), (_log.LastStableOffset, _log.EndOffset));
        Assert.Equal(ErrorCode.None, End(producer, isCommit: true));
        Assert.Equal((4, 4), (_log.LastStableOffset, _log.EndOffset)); // With the marker.
        Assert.Empty(_log.AbortedBetween(0, 4));
    }

    [Fact]
    public void What_is_aborted_is_named_to_readers()
    {
        var producer = Init();
        Open(producer, records: 3);
        Assert.Equal(ErrorCode.None, End(producer, isCommit: false));
        Assert.Equal([new AbortedTransaction(producer.Id, 0, 3)], _log.AbortedBetween(0, 4));
    }

    [Fact]
    public void Offsets_count_with_the_commit_only()
    {
        var producer = Init();
        Assert.Equal(ErrorCode.InvalidTransactionState, _broker.Transactions.MayCommitOffsets(Id, producer.Id, producer.Epoch, Group));
        Assert.Equal(ErrorCode.None, _broker.Transactions.AddOffsets(Id, producer.Id, producer.Epoch, Group));
        Assert.Equal(ErrorCode.None, _broker.Transactions.MayCommitOffsets(Id, producer.Id, producer.Epoch, Group));
        _broker.Groups.CommitLater(Group, producer.Id, "in", 0, new CommittedOffset(7, -1, null));
        Assert.True(_broker.Groups.IsPending(Group, "in", 0));
        Assert.Null(_broker.Groups.Find(Group, "in", 0));
        Assert.Equal(ErrorCode.None, End(producer, isCommit: true));
        Assert.False(_broker.Groups.IsPending(Group, "in", 0));
        Assert.Equal(7, _broker.Groups.Find(Group, "in", 0)!.Value.Offset);
    }

    [Fact]
    public void An_end_that_is_repeated_is_told_that_it_was_done()
    {
        var producer = Init();
        Open(producer, records: 1);
        Assert.Equal(ErrorCode.None, End(producer, isCommit: true));
        Assert.Equal(ErrorCode.None, End(producer, isCommit: true));
        Assert.Equal(ErrorCode.InvalidTransactionState, End(producer, isCommit: false));
        Assert.Equal(2, _log.EndOffset);
    }

    [Fact]
    public void A_late_end_of_a_dead_producer_commits_nothing()
    {
        var dead = Init();
        Open(dead, records: 2);
        Assert.Equal(ErrorCode.ConcurrentTransactions, _broker.Transactions.Init(Id, TimeoutMs, null, out _, out _));
        var next = Init();
        Assert.Equal(dead.Id, next.Id);
        Assert.True(next.Epoch > dead.Epoch);
        Assert.Equal(ErrorCode.ProducerFenced, End(dead, isCommit: true));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Append(dead, sequence: 2, records: 1));
        Assert.Equal([new AbortedTransaction(dead.Id, 0, 2)], _log.AbortedBetween(0, 3));
        Assert.Equal(_log.EndOffset, _log.LastStableOffset);
    }

    [Fact]
    public void A_late_duplicate_of_an_end_commits_half_of_the_producers_next_transaction()
    {
        // In version 1 of transactions the epoch is not raised by a commit: the reason why Weir changes its producer.
        var producer = Init();
        Open(producer, records: 1);
        Assert.Equal(ErrorCode.None, End(producer, isCommit: true));
        Assert.Equal(ErrorCode.None, Add(producer));
        Assert.Equal(ErrorCode.None, Append(producer, sequence: 1, records: 1));
        Assert.Equal(ErrorCode.None, End(producer, isCommit: true)); // The duplicate.
        Assert.Equal(_log.EndOffset, _log.LastStableOffset);
        Assert.Equal(ErrorCode.InvalidTransactionState, Append(producer, sequence: 2, records: 1));
    }

    [Fact]
    public void A_transaction_that_is_open_for_too_long_is_aborted_and_its_producer_fenced()
    {
        var producer = Init();
        Open(producer, records: 1);
        _clock.Pass(TimeSpan.FromMilliseconds(TimeoutMs));
        _broker.Tidy();
        Assert.Equal(0, _log.LastStableOffset);
        _clock.Pass(TimeSpan.FromMilliseconds(1));
        _broker.Tidy();
        Assert.Equal(_log.EndOffset, _log.LastStableOffset);
        Assert.Equal(ErrorCode.ProducerFenced, End(producer, isCommit: true));
    }

    [Fact]
    public void A_batch_that_comes_again_lies_where_it_lay_and_a_gap_is_refused()
    {
        var producer = Init();
        Assert.Equal(ErrorCode.None, Add(producer));
        for (int sequence = 0; sequence < 6; sequence++)
        {
            Assert.Equal(ErrorCode.None, Append(producer, sequence, records: 1));
        }
        Assert.Equal(ErrorCode.None, Append(producer, sequence: 3, records: 1));
        Assert.Equal(6, _log.EndOffset);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(producer, sequence: 0, records: 1)); // Not among the last five.
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(producer, sequence: 7, records: 1));
    }

    [Fact]
    public void Who_does_not_own_the_id_begins_nothing()
    {
        var producer = Init();
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, Add((producer.Id + 1, producer.Epoch)));
        Assert.Equal(ErrorCode.ProducerFenced, Add((producer.Id, (short)(producer.Epoch + 1))));
        Assert.Equal(ErrorCode.InvalidTransactionState, Append(producer, sequence: 0, records: 1));
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, _broker.Transactions.Init(Id, int.MaxValue, null, out _, out _));
    }

    private (long Id, short Epoch) Init()
    {
        Assert.Equal(ErrorCode.None, _broker.Transactions.Init(Id, TimeoutMs, null, out long producerId, out short epoch));
        return (producerId, epoch);
    }

    private void Open((long Id, short Epoch) producer, int records)
    {
        Assert.Equal(ErrorCode.None, Add(producer));
        Assert.Equal(ErrorCode.None, Append(producer, sequence: 0, records));
    }

    private ErrorCode Add((long Id, short Epoch) producer) => _broker.Transactions.Add(Id, producer.Id, producer.Epoch, [("out", 0)]);

    private ErrorCode End((long Id, short Epoch) producer, bool isCommit) => _broker.Transactions.End(Id, producer.Id, producer.Epoch, isCommit);

    private ErrorCode Append((long Id, short Epoch) producer, int sequence, int records)
    {
        var head = new BatchHead(RecordBatch.TransactionalBit, records, 0, 0, producer.Id, producer.Epoch, sequence);
        var refusal = _broker.Transactions.MayAppend(Id, head, _broker.Topics.Find("out")!, 0);
        return refusal != ErrorCode.None ? refusal : _log.Append(new byte[RecordBatch.HeadBytes], head, _broker.NowMs, out _);
    }
}
