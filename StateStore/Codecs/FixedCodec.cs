using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weir;

/// <summary>Stores a value's memory as it is.</summary>
internal sealed class FixedCodec<T> : Codec<T>
    where T : unmanaged
{
    public FixedCodec(CodecId id)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException($"Codec {id} stores little-endian memory; this machine is big-endian.");
        }
        ArgumentException.ThrowIfNullOrEmpty(id.Name);
        Id = id;
    }

    public override CodecId Id { get; }

    internal override bool IsMemoryCopy => true;

    public override void Encode(in T value, ReadOnlySpan<byte> bytes, ByteArena output) => MemoryMarshal.Write(output.Claim(Unsafe.SizeOf<T>()), in value);

    public override T Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != Unsafe.SizeOf<T>())
        {
            throw new CodecException(Id, $"{encoded.Length} bytes were stored, the type has {Unsafe.SizeOf<T>()}; its layout changed without a new version.");
        }
        return MemoryMarshal.Read<T>(encoded);
    }
}
