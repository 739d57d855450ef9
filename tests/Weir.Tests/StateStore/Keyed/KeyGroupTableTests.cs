using System.Buffers.Binary;
using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed unsafe class KeyGroupTableTests
{
    private const int Keys = 3000;
    private const int Operations = 30_000;
    private const int KeyGroup = 1;

    private static readonly KeyGroups Groups = new(2);

    public static TheoryData<int, int> Layouts
    {
        get
        {
            var layouts = new TheoryData<int, int>();
            foreach (int keyLength in (int[])[0, 4, 8, 16])
            {
                foreach (int valueLength in (int[])[0, 1, 4, 8, 12, 20, 24, 47, 64])
                {
                    layouts.Add(keyLength, valueLength);
                }
            }
            return layouts;
        }
    }

    /// <summary>However many slots a row has, one or several, with a rest or without: any order of sets and removals equals a dictionary, and so does what is packed.</summary>
    [Theory, MemberData(nameof(Layouts))]
    public void A_table_equals_a_dictionary(int keyLength, int valueLength)
    {
        var layout = new SlotLayout(keyLength, valueLength);
        var table = new KeyGroupTable(layout, Groups, KeyGroup, new PageStore(new StateMemory(StateBudget.Unbounded)), new StateEpoch());
        var expected = new Dictionary<int, byte>();
        var chance = new Random(keyLength + (100 * valueLength));
        byte[] value = new byte[valueLength > 0 ? valueLength : 10];
        for (int i = 0; i < Operations; i++)
        {
            int number = chance.Next(Keys);
            var key = KeyOf(number, keyLength);
            byte* slot = Find(table, number, key);
            Assert.Equal(expected.ContainsKey(number), slot != null);
            if (chance.Next(3) > 0)
            {
                value.AsSpan().Fill((byte)i);
                table.SetValue(slot == null ? table.Add(HashOf(number), key) : slot, value);
                expected[number] = (byte)i;
            }
            else if (slot != null)
            {
                table.Remove(slot);
                expected.Remove(number);
            }
        }

        Assert.Equal(expected.Count, table.Count);
        foreach (var (number, filledWith) in expected)
        {
            byte* slot = Find(table, number, KeyOf(number, keyLength));
            Assert.True(slot != null);
            Assert.Equal(value.Length, table.ValueOf(slot).Length);
            Assert.False(table.ValueOf(slot).ContainsAnyExcept(filledWith));
        }
        Assert.Equal(expected.Keys.Select(HashOf).Order(), PackedHashes(table).Order());
    }

    private static byte* Find(KeyGroupTable table, int number, byte[] key)
    {
        byte* slot = table.Find(HashOf(number), key);
        if (key.Length == sizeof(ulong) && table.Layout.KeyLength == sizeof(ulong))
        {
            Assert.True(slot == table.FindEight(HashOf(number), BitConverter.ToUInt64(key)));
        }
        return slot;
    }

    private static List<uint> PackedHashes(KeyGroupTable table)
    {
        var packed = new ByteArena();
        foreach (nint page in table.Pages.Span)
        {
            table.Pack((byte*)page, packed);
        }
        var hashes = new List<uint>();
        for (int at = 0; at < packed.Length; at += table.Layout.Size)
        {
            hashes.Add(BinaryPrimitives.ReadUInt32LittleEndian(packed.Written[at..]));
        }
        return hashes;
    }

    // Of one key group; some numbers share a hash.
    private static uint HashOf(int number) => ((uint)(number / 2 * 2654435761L) << 1) | KeyGroup;

    private static byte[] KeyOf(int number, int keyLength)
    {
        byte[] key = new byte[keyLength > 0 ? keyLength : 5 + (number % 30)];
        BinaryPrimitives.WriteInt32LittleEndian(key, number);
        return key;
    }
}
