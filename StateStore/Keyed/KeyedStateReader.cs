using System.Buffers.Binary;

namespace Weir.StateStore;

/// <summary>Reads the entries of a segment with keyed state back into tables, those of a range of key groups.</summary>
/// <remarks>The segment's checksum was right, so what does not fit here was written wrong: it is damage all the same; or by another release, if it says so.</remarks>
internal static class KeyedStateReader
{
    public static void Read(ReadOnlySpan<byte> payload, KeyedStatePart part, StateTable state, KeyGroups groups, KeyGroupRange range, CodecUpgrade? upgrade = null)
    {
        var rest = payload;
        int valueLength = CheckHead(Take(ref rest, KeyedStateFormat.HeadSize, part), part, state, upgrade is not null);
        long entries = 0;
        while (rest.Length > 0)
        {
            var head = Take(ref rest, KeyedStateFormat.RunHeadSize, part);
            int keyGroup = BinaryPrimitives.ReadInt32LittleEndian(head);
            int count = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
            var run = Take(ref rest, BinaryPrimitives.ReadInt32LittleEndian(head[8..]), part);
            entries += count;
            if (keyGroup < part.KeyGroupFirst || keyGroup > part.KeyGroupLast)
            {
                throw Damaged(part, $"it has entries of key group {keyGroup}, the metadata says {part.KeyGroupFirst} to {part.KeyGroupLast}");
            }
            if (range.Contains(keyGroup))
            {
                ReadRun(run, count, part, state.Of(keyGroup), groups, valueLength, upgrade);
            }
        }
        if (entries != part.Entries)
        {
            throw Damaged(part, $"it has {entries} entries, the metadata says {part.Entries}");
        }
    }

    private static unsafe void ReadRun(ReadOnlySpan<byte> run, int count, KeyedStatePart part, KeyGroupTable table, KeyGroups groups, int valueLength, CodecUpgrade? upgrade)
    {
        var upgraded = upgrade is null ? null : new ByteArena();
        for (int i = 0; i < count; i++)
        {
            uint hash = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref run, sizeof(uint), part));
            var key = TakePart(ref run, table.Layout.KeyLength, part);
            var value = TakePart(ref run, valueLength, part);
            if (groups.Of(hash) != table.KeyGroup)
            {
                throw Damaged(part, $"a key of group {groups.Of(hash)} stands among those of group {table.KeyGroup}");
            }
            if (table.Find(hash, key) != null)
            {
                throw Damaged(part, "a key stands there twice");
            }
            if (upgraded is not null)
            {
                upgraded.Clear();
                upgrade!.Run(value, upgraded);
                value = upgraded.Written;
            }
            table.SetValue(table.Add(hash, key), value);
        }
        if (run.Length > 0)
        {
            throw Damaged(part, $"{run.Length} bytes are left over in key group {table.KeyGroup}");
        }
    }

    /// <summary>Bytes of each stored value; 0 where they differ.</summary>
    private static int CheckHead(ReadOnlySpan<byte> head, KeyedStatePart part, StateTable state, bool isUpgraded)
    {
        int version = BinaryPrimitives.ReadInt32LittleEndian(head);
        int keyLength = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        int valueLength = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (version != KeyedStateFormat.Version)
        {
            throw new CheckpointStorageException(
                StorageFailure.OtherFormat,
                part.Handle.File,
                $"The entries of state '{part.StateName}' at offset {part.Handle.Offset} of {part.Handle.File} have format version {version}, this program reads {KeyedStateFormat.Version}: start the release that wrote them.");
        }
        if (keyLength != state.Layout.KeyLength || (valueLength != state.Layout.ValueLength && !isUpgraded))
        {
            throw Damaged(
                part, $"keys have {keyLength} bytes and values {valueLength}, the job declares {state.Layout.KeyLength} and {state.Layout.ValueLength} (0: of any length)");
        }
        return valueLength;
    }

    private static ReadOnlySpan<byte> TakePart(ref ReadOnlySpan<byte> rest, int fixedLength, KeyedStatePart part) =>
        Take(ref rest, fixedLength > 0 ? fixedLength : BinaryPrimitives.ReadInt32LittleEndian(Take(ref rest, sizeof(int), part)), part);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int length, KeyedStatePart part)
    {
        if ((uint)length > (uint)rest.Length)
        {
            throw Damaged(part, "it ends within an entry");
        }
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    private static CheckpointStorageException Damaged(KeyedStatePart part, string fault) => new(
        StorageFailure.Damaged,
        part.Handle.File,
        $"The entries of state '{part.StateName}' at offset {part.Handle.Offset} of {part.Handle.File} are damaged: {fault}.");
}
