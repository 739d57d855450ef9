using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <summary>In which form values of a state lie in the table: as they are, or encoded.</summary>
/// <param name="Id">Name and version of the bytes.</param>
/// <param name="Codec">Encodes them; null where values lie as they are.</param>
internal sealed record ValueForm<T>(CodecId Id, Codec<T>? Codec)
{
    /// <summary>Whether the type may lie in a slot as it is; a constant to the compiler.</summary>
    public static bool MayBeInline
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Unsafe.SizeOf<T>() <= SlotLayout.InlineValueMax;
    }

    /// <summary>Bytes in the slot, or 0 where values are encoded.</summary>
    public int InlineLength => Codec is null ? Unsafe.SizeOf<T>() : 0;

    /// <summary>Values without a codec, or with one that copies memory, lie as they are if they are small; the id is the codec's, else tells the size.</summary>
    public static ValueForm<T> Choose(string state, Codec<T>? codec, CodecRegistry codecs)
    {
        if (codec is { HasSlices: true })
        {
            throw new ArgumentException($"State '{state}' is of {typeof(T)}, whose values hold slices of a batch's bytes; copy them into a type of its own, e.g. byte[].");
        }
        if (MayBeInline && codec is null or { IsMemoryCopy: true })
        {
            return new ValueForm<T>(codec?.Id ?? new CodecId($"weir.fixed-{Unsafe.SizeOf<T>()}", 1), null);
        }
        codec ??= codecs.Of<T>();
        return new ValueForm<T>(codec.Id, codec);
    }
}
