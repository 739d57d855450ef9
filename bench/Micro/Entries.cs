using Weir.Jobs;
using Weir.Runtime;

namespace Weir.Bench.Micro;

/// <summary>Records like those of the workloads: 48 bytes of fields, and padding that lies in an arena, 100 bytes of message in all.</summary>
internal static unsafe class Entries
{
    private const int PaddingBytes = 68;

    // Pinned, for the context of a record holds its address.
    private static readonly byte[] s_padding = GC.AllocateArray<byte>(PaddingBytes, pinned: true);

    /// <summary>Entries of accounts by chance, the same ones in every run.</summary>
    public static LedgerEntry[] Make(int count, long accounts)
    {
        var chance = new Random(1);
        var entries = new LedgerEntry[count];
        for (int seq = 0; seq < count; seq++)
        {
            entries[seq] = new LedgerEntry(chance.NextInt64(accounts), seq, CreatedMs: 0, Amount: chance.Next(1, 1001), Balance: 0, new Slice(0, PaddingBytes));
        }
        return entries;
    }

    /// <summary>What goes with such records: their padding, no timestamp.</summary>
    public static RecordContext Context()
    {
        var context = new RecordContext();
        fixed (byte* padding = s_padding)
        {
            context.SetBytes(padding, PaddingBytes);
        }
        return context;
    }
}
