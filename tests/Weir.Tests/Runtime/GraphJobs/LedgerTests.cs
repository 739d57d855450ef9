using CsCheck;
using Weir.Jobs;
using Weir.Tests.Graph;
using Weir.Tests.Doubles;

namespace Weir.Tests.Jobs;

public sealed class LedgerTests
{
    private static readonly Gen<(LedgerEntry Entry, byte[] Bytes)> s_entries =
        from numbers in Gen.Long.Array[5]
        from before in Gen.Byte.Array[0, 40]
        from padding in Gen.Byte.Array[0, 300]
        select (new LedgerEntry(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], new Slice(before.Length, padding.Length)), (byte[])[.. before, .. padding]);

    [Fact]
    public void What_the_codec_writes_it_reads_back() => s_entries.Sample(made =>
    {
        var output = new ByteArena();
        LedgerCodec.Instance.Encode(made.Entry, made.Bytes, output);
        var read = LedgerCodec.Instance.Decode(output.Written);
        AssertSame(made.Entry, made.Bytes, read, output.Written);
    });

    [Fact]
    public void A_moved_entry_keeps_its_padding() => s_entries.Sample(made =>
    {
        var target = new ByteArena();
        target.Append("before"u8);
        var moved = made.Entry;
        LedgerCodec.Instance.Move(ref moved, made.Bytes, target);
        AssertSame(made.Entry, made.Bytes, moved, target.Written);
    });

    [Fact]
    public void A_message_becomes_an_entry_and_the_same_message_again() => s_entries.Sample(made =>
    {
        var (key, value) = (new ByteArena(), new ByteArena());
        Assert.True(LedgerMessages.Instance.EncodeKey(made.Entry, made.Bytes, key));
        Assert.True(LedgerMessages.Instance.EncodeValue(made.Entry, made.Bytes, value));
        var read = LedgerMessages.Instance.Decode(new Message { HasKey = true, HasValue = true, Key = key.Written, Value = value.Written });
        AssertSame(made.Entry, made.Bytes, read, value.Written);
    });

    [Theory]
    [InlineData(7, 32)]
    [InlineData(8, 31)]
    [InlineData(0, 0)]
    public void A_message_of_another_form_is_refused(int keyBytes, int valueBytes) => Assert.Throws<CodecException>(
        () => LedgerMessages.Instance.Decode(new Message { HasKey = true, HasValue = true, Key = new byte[keyBytes], Value = new byte[valueBytes] }));

    [Fact]
    public void Codecs_allocate_nothing()
    {
        var (entry, bytes, arena, other) = (new LedgerEntry(1, 2, 3, 4, 5, new Slice(0, 68)), new byte[68], new ByteArena(4096), new ByteArena(4096));
        Assert.Equal(0, Allocation.Of(() => RoundTrip(entry, bytes, arena, other)));
    }

    [Fact]
    public void The_plan_is_a_source_and_a_keyed_task_that_ends_in_the_sink() => Assert.Equal(["in", "balances -> out"], GraphScript.Plan(new LedgerJob()).Chains());

    [Fact]
    public void The_throttle_stands_right_before_the_sink() => Assert.Equal(["in", "balances -> throttle-1 -> out"], GraphScript.Plan(new LedgerJob(100)).Chains());

    private static void RoundTrip(in LedgerEntry entry, byte[] bytes, ByteArena arena, ByteArena other)
    {
        for (int i = 0; i < 20; i++)
        {
            arena.Clear();
            other.Clear();
            LedgerCodec.Instance.Encode(in entry, bytes, arena);
            var read = LedgerCodec.Instance.Decode(arena.Written);
            LedgerCodec.Instance.Move(ref read, arena.Written, other);
        }
    }

    private static void AssertSame(LedgerEntry expected, ReadOnlySpan<byte> expectedBytes, LedgerEntry actual, ReadOnlySpan<byte> actualBytes)
    {
        Assert.Equal(expected with { Padding = default }, actual with { Padding = default });
        Assert.Equal(expected.Padding.In(expectedBytes), actual.Padding.In(actualBytes));
    }
}
