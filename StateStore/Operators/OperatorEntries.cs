using System.Buffers.Binary;

namespace Weir.StateStore;

/// <summary>The entries of one operator state, as an engine sees them.</summary>
/// <remarks>An entry is stored as one or more fields: length (int32, big-endian), bytes.</remarks>
public abstract class OperatorEntries
{
    private protected OperatorEntries()
    {
    }

    /// <summary>Appends every entry, and tells after each that it is whole.</summary>
    internal abstract void Write(ByteArena output, Action ended);

    /// <summary>Adds the entries that are wanted, by their number in the payload.</summary>
    /// <exception cref="CodecException">The bytes are not whole entries.</exception>
    /// <param name="payload">The entries.</param>
    /// <param name="isWanted">Whether one is.</param>
    /// <param name="upgrades">For keys and values that another codec wrote.</param>
    internal abstract void Read(ReadOnlySpan<byte> payload, Func<int, bool> isWanted, (CodecUpgrade? Key, CodecUpgrade? Value) upgrades = default);

    private protected static void WriteField<T>(in T value, Codec<T> codec, ByteArena output)
    {
        int start = output.Length;
        _ = output.Claim(sizeof(int));
        codec.Encode(in value, default, output);
        BinaryPrimitives.WriteInt32BigEndian(output.WrittenFrom(start), output.Length - start - sizeof(int));
    }

    private protected static T ReadField<T>(ref ReadOnlySpan<byte> rest, Codec<T> codec, CodecUpgrade? upgrade)
    {
        int length = rest.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32BigEndian(rest);
        if (length < 0 || length > rest.Length - sizeof(int))
        {
            throw new CodecException(codec.Id, $"{rest.Length} stored bytes are no whole entry");
        }
        var stored = rest.Slice(sizeof(int), length);
        rest = rest[(sizeof(int) + length)..];
        if (upgrade is null)
        {
            return codec.Decode(stored);
        }
        var upgraded = new ByteArena();
        upgrade.Run(stored, upgraded);
        return codec.Decode(upgraded.Written);
    }
}
