using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <summary>The key whose state an operator sees now.</summary>
/// <remarks>Thread: the one that steps the subtask.</remarks>
internal sealed class CurrentKey
{
    /// <summary>Grows with each key that is set, so a slot that was found under an older stamp is known to be another key's; 0 while there is none.</summary>
    public long Stamp { get; private set; }

    public uint Hash { get; private set; }

    public int KeyGroup { get; private set; }

    /// <summary>The bytes of an eight-byte key as they lie in memory.</summary>
    public ulong Eight { get; private set; }

    private long _stamps;
    private byte[] _bytes = new byte[64];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(uint hash, int keyGroup)
    {
        Hash = hash;
        KeyGroup = keyGroup;
        Stamp = ++_stamps;
    }

    /// <summary>The record in hand has no key.</summary>
    public void Forget() => Stamp = 0;

    public void Set(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _bytes.Length)
        {
            _bytes = new byte[Math.Max(bytes.Length, 2 * _bytes.Length)];
        }
        bytes.CopyTo(_bytes);
        _length = bytes.Length;
        if (bytes.Length == sizeof(ulong))
        {
            Eight = Unsafe.ReadUnaligned<ulong>(in bytes[0]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetEight(ulong bytes)
    {
        Eight = bytes;
        Unsafe.WriteUnaligned(ref _bytes[0], bytes);
        _length = sizeof(ulong);
    }
}
