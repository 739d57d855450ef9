using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class KeyedStateReaderTests
{
    private static readonly KeyGroups Groups = new(8);

    /// <summary>Checksums keep damage out; what passes them all the same is an error, never a crash or a wrong table.</summary>
    [Fact]
    public void Bytes_that_nobody_wrote_are_damage() => Gen.Byte.Array[0, 200].Sample(bytes => Assert.False(ReadOrDamage(bytes)));

    [Fact]
    public void A_payload_with_a_changed_byte_is_read_or_damage()
    {
        byte[] payload = Payload();
        for (int index = 0; index < payload.Length; index++)
        {
            foreach (byte value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF })
            {
                byte[] changed = [.. payload];
                changed[index] = value;
                ReadOrDamage(changed);
            }
        }
    }

    [Fact]
    public void Every_truncation_of_a_payload_is_damage()
    {
        byte[] payload = Payload();
        Assert.True(ReadOrDamage(payload));
        for (int length = 0; length < payload.Length; length++)
        {
            Assert.False(ReadOrDamage(payload.AsSpan(0, length)));
        }
    }

    private static byte[] Payload()
    {
        var table = Table();
        var output = new ByteArena();
        KeyedStateFormat.WriteHead(output, table.Layout);
        foreach (string key in new[] { "a", "a key that is longer than a slot" })
        {
            uint hash = KeyCodec.Utf8.Hash(key);
            KeyedStateFormat.WriteRunHead(output.Claim(KeyedStateFormat.RunHeadSize), Groups.Of(hash), 1, 4 + 4 + key.Length + 4 + 2);
            BinaryPrimitives.WriteUInt32LittleEndian(output.Claim(4), hash);
            WritePart(output, Encoding.UTF8.GetBytes(key));
            WritePart(output, [1, 2]);
        }
        return output.Written.ToArray();
    }

    private static void WritePart(ByteArena output, byte[] bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.Claim(4), bytes.Length);
        output.Append(bytes);
    }

    private static bool ReadOrDamage(ReadOnlySpan<byte> payload)
    {
        var part = new KeyedStatePart
        {
            StateName = "text",
            KeyCodec = KeyCodec.Utf8.Id,
            ValueCodec = Codec.Utf8.Id,
            KeyGroupFirst = 0,
            KeyGroupLast = 7,
            Handle = new SegmentHandle("state-0", 0, payload.Length, 0),
            Entries = 2,
        };
        try
        {
            KeyedStateReader.Read(payload, part, Table(), new KeyRegrouping(Groups, Groups), new KeyGroupRange(0, 7));
            return true;
        }
        catch (CheckpointStorageException e) when (e.Reason == (IsOfAnotherVersion(payload) ? StorageFailure.OtherFormat : StorageFailure.Damaged))
        {
            return false;
        }
    }

    private static bool IsOfAnotherVersion(ReadOnlySpan<byte> payload) =>
        payload.Length >= KeyedStateFormat.HeadSize && BinaryPrimitives.ReadInt32LittleEndian(payload) != KeyedStateFormat.Version;

    private static StateTable Table() =>
        new(new StateDeclaration("text", Codec.Utf8.Id), new SlotLayout(0, 0), Groups, new KeyGroupRange(0, 7), new PageStore(new StateMemory(StateBudget.Unbounded)), new StateEpoch());
}
