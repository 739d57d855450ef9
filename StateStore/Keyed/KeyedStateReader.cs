using System.Buffers.Binary;

namespace Weir.StateStore;

/// <summary>Reads the entries of a segment with keyed state back into tables, those of a range of key groups.</summary>
/// <remarks>The segment's checksum was right, so what does not fit here was written wrong: it is damage all the same; or by another release, if it says so.</remarks>
internal static class KeyedStateReader
{
    /// <param name="payload">The segment's.</param>
    /// <param name="part">What the metadata says of it.</param>
    /// <param name="state">Receives the entries.</param>
    /// <param name="keys">Divide keys, then and now.</param>
    /// <param name="range">The key groups that are read, as keys are divided now.</param>
    /// <param name="upgrade">Turns the values into what is declared; null where they are that.</param>
    public static void Read(ReadOnlySpan<byte> payload, KeyedStatePart part, StateTable state, KeyRegrouping keys, KeyGroupRange range, CodecUpgrade? upgrade = null)
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
            if (keys.MovesKeys || range.Contains(keyGroup))
            {
                ReadRun(run, (keyGroup, count), part, state, keys, range, valueLength, upgrade);
            }
        }
        if (entries != part.Entries)
        {
            throw Damaged(part, $"it has {entries} entries, the metadata says {part.Entries}");
        }
    }

    private static unsafe void ReadRun(
        ReadOnlySpan<byte> run, (int KeyGroup, int Count) head, KeyedStatePart part, StateTable state, KeyRegrouping keys, KeyGroupRange range, int valueLength, CodecUpgrade? upgrade)
    {
        var upgraded = upgrade is null ? null : new ByteArena();
        for (int i = 0; i < head.Count; i++)
        {
            uint hash = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref run, sizeof(uint), part));
            var key = TakePart(ref run, state.Layout.KeyLength, part);
            var value = TakePart(ref run, valueLength, part);
            if (keys.Then.Of(hash) != head.KeyGroup)
            {
                throw Damaged(part, $"a key of group {keys.Then.Of(hash)} stands among those of group {head.KeyGroup}");
            }
            int keyGroup = keys.Now.Of(hash);
            if (!range.Contains(keyGroup))
            {
                continue; // Another subtask's, now that keys are divided otherwise.
            }
            var table = state.Of(keyGroup);
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
            throw Damaged(part, $"{run.Length} bytes are left over in key group {head.KeyGroup}");
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
