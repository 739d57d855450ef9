namespace Weir;

/// <summary>Bytes of no fixed size that belong to a record: a place in the bytes that travel with it.</summary>
/// <param name="Offset">Where it starts, in bytes, in the arena of the batch that holds the record.</param>
/// <param name="Length">How many bytes.</param>
public readonly record struct Slice(int Offset, int Length)
{
    /// <summary>The bytes themselves.</summary>
    /// <param name="bytes">What the slices of this record refer to.</param>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> bytes) => bytes.Slice(Offset, Length);
}
