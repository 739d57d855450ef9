using CsCheck;
using Weir.Jobs;
using Weir.Tests.Graph;

namespace Weir.Tests.Jobs;

public sealed class CopyTests
{
    private static readonly Gen<(byte[]? Key, byte[]? Value)> s_messages = Gen.Select(Gen.Byte.Array[0, 40].Null(), Gen.Byte.Array[0, 100].Null());

    [Fact]
    public void A_message_is_written_as_it_was_read() => s_messages.Sample((key, value) =>
        AssertWritten(Read(key, value), value, key, value));

    [Fact]
    public void A_message_in_flight_is_stored_as_it_is() => s_messages.Sample((key, value) =>
    {
        var stored = new ByteArena();
        CopiedMessages.Instance.Records.Encode(Read(key, value), value, stored);
        AssertWritten(CopiedMessages.Instance.Records.Decode(stored.Written), stored.Written, key, value);
    });

    [Fact]
    public void A_message_may_move() => s_messages.Sample((key, value) =>
    {
        var target = new ByteArena();
        target.Append("before"u8);
        var moved = Read(key, value);
        CopiedMessages.Instance.Records.Move(ref moved, value, target);
        AssertWritten(moved, target.Written, key, value);
    });

    [Fact]
    public void Bytes_that_are_no_message_are_refused() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        try
        {
            CopiedMessages.Instance.Records.Decode(bytes);
        }
        catch (CodecException)
        {
            // The one way to refuse.
        }
    });

    [Fact]
    public void It_is_one_task() => Assert.Equal(["in -> out"], GraphScript.Plan(new CopyJob(), parallelism: 2).Chains());

    private static CopiedMessage Read(byte[]? key, byte[]? value) =>
        CopiedMessages.Instance.Decode(new Message { Partition = 3, HasKey = key is not null, Key = key, HasValue = value is not null, Value = value });

    private static void AssertWritten(in CopiedMessage message, ReadOnlySpan<byte> bytes, byte[]? key, byte[]? value)
    {
        var (keyOut, valueOut) = (new ByteArena(), new ByteArena());
        Assert.Equal(key is not null, CopiedMessages.Instance.EncodeKey(in message, bytes, keyOut));
        Assert.Equal(value is not null, CopiedMessages.Instance.EncodeValue(in message, bytes, valueOut));
        Assert.Equal(key ?? [], keyOut.Written);
        Assert.Equal(value ?? [], valueOut.Written);
        Assert.Equal(3, message.Partition);
    }
}
