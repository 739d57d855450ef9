using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weir.Jobs;

/// <summary>A message's key. Most are short, and lie here in place; a longer one has an array of its own.</summary>
public readonly record struct CopiedKey
{
    private readonly InPlace _inPlace;
    private readonly byte[]? _longer;

    /// <summary>Copies the bytes of a key.</summary>
    public CopiedKey(ReadOnlySpan<byte> bytes)
    {
        Exists = true;
        Length = bytes.Length;
        if (bytes.Length <= InPlace.Length)
        {
            bytes.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.As<InPlace, byte>(ref _inPlace), InPlace.Length));
        }
        else
        {
            _longer = bytes.ToArray();
        }
    }

    /// <summary>Whether there is a key, be it empty.</summary>
    public bool Exists { get; }

    /// <summary>How many bytes.</summary>
    public int Length { get; }

    /// <summary>Appends the key's bytes.</summary>
    public void WriteTo(ByteArena output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var inPlace = _inPlace;
        output.Append(_longer ?? ((ReadOnlySpan<byte>)inPlace)[..Length]);
    }

    [InlineArray(Length)]
    private struct InPlace
    {
        // Two words: numbers, Guids and short names.
        public const int Length = 16;

        private byte _first;
    }
}
