using System.Text;
using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class CheckpointMetadataTests
{
    private static readonly CheckpointMetadata Example = new()
    {
        Job = "ledger",
        Slot = 1,
        CheckpointId = 42,
        LifeId = "ab12",
        Mode = "unaligned",
        TriggeredAt = new DateTimeOffset(2026, 11, 25, 10, 0, 0, TimeSpan.Zero),
        CompletedAt = new DateTimeOffset(2026, 11, 25, 10, 0, 1, TimeSpan.Zero),
        ClusterId = "cluster",
        Topics = new Dictionary<string, string> { ["orders"] = "topic-id" },
        MaxParallelism = 128,
        Operators =
        [
            new()
            {
                Id = "totals",
                Parallelism = 2,
                Subtasks =
                [
                    new()
                    {
                        Index = 1,
                        Finished = true,
                        Splits = [new() { Source = "orders", Split = "orders-3", Position = 17, StopAt = 20, Done = false }],
                        State =
                        [
                            new()
                            {
                                StateName = "sum", KeyCodec = new("weir.key.int64", 1), ValueCodec = new("weir.int64", 1),
                                KeyGroupFirst = 64, KeyGroupLast = 127, Handle = new("state-0", 4096, 100, 0xFEDCBA98), Entries = 5,
                            },
                        ],
                        OperatorState =
                        [
                            new OperatorStatePart { StateName = "rules", Kind = OperatorStateKind.Broadcast, KeyCodec = Codec.Utf8.Id, ValueCodec = Codec.Int64.Id, Handle = new SegmentHandle("state-0", 0, 10, 7), Entries = 1 },
                        ],
                    },
                ],
            },
        ],
        Edges =
        [
            new()
            {
                EdgeId = "orders->totals",
                RecordCodec = new("json.order", 2),
                Channels = [new() { From = 0, To = 1, Segments = [new() { Handle = new("../chk-0000000041-ab12/channel-0", 0, 50, 3), Records = 2, Bytes = 50 }] }],
            },
        ],
        References = ["chk-0000000041-ab12"],
        Report = new()
        {
            Verdict = "totals #1 was last",
            TurnedAfter = TimeSpan.FromMilliseconds(1000.5),
            Subtasks = [new() { Task = "totals", Index = 1, Mode = "unaligned", Finished = true, StartDelay = TimeSpan.FromTicks(1), Sync = TimeSpan.Zero, StateBytes = 100, InFlightRecords = 2, InFlightBytes = 50 }],
            Edges = [new() { EdgeId = "orders->totals", Kind = "Hash", Mode = "unaligned", IsLate = true, Channels = 2, ChannelsInFlight = 1, InFlightRecords = 2, InFlightBytes = 50 }],
        },
    };

    [Fact]
    public void What_was_written_reads_back()
    {
        byte[] bytes = Example.Serialize();
        var parsed = CheckpointMetadata.Parse(bytes);
        Assert.Equal(bytes, parsed.Serialize());
        Assert.Equal(Example.Operators[0].Subtasks[0].State[0], parsed.Operators[0].Subtasks[0].State[0]);
        Assert.Equal(Example.Operators[0].Subtasks[0].OperatorState, parsed.Operators[0].Subtasks[0].OperatorState);
        Assert.Equal(Example.Edges[0].Channels[0].Segments[0], parsed.Edges[0].Channels[0].Segments[0]);
        Assert.Equal(Example.TriggeredAt, parsed.TriggeredAt);
        Assert.Equal((Example.Report!.Verdict, Example.Report.TurnedAfter), (parsed.Report!.Verdict, parsed.Report.TurnedAfter));
        Assert.Equal(Example.Report.Subtasks, parsed.Report.Subtasks);
        Assert.Equal(Example.Report.Edges, parsed.Report.Edges);
        Assert.Equal("topic-id", parsed.Topics["orders"]);
    }

    [Fact]
    public void A_person_can_read_it()
    {
        string text = Encoding.UTF8.GetString(Example.Serialize());
        Assert.Contains("\"checkpointId\": 42", text, StringComparison.Ordinal);
        Assert.Contains("\"edgeId\": \"orders-", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        byte[] bytes = Example.Serialize();
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(StorageFailure.Damaged, Assert.Throws<CheckpointStorageException>(() => CheckpointMetadata.Parse(bytes)).Reason);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Every_truncation_is_noticed()
    {
        byte[] bytes = Example.Serialize();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<CheckpointStorageException>(() => CheckpointMetadata.Parse(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Another_release_s_format_is_refused_by_its_version()
    {
        var refused = Assert.Throws<CheckpointStorageException>(() => CheckpointMetadata.Parse((Example with { Version = 2 }).Serialize(), "chk/_metadata"));
        Assert.Equal(StorageFailure.OtherFormat, refused.Reason);
        Assert.Contains("chk/_metadata has format version 2", refused.Message, StringComparison.Ordinal);
    }
}
