using Weir.Jobs;

namespace Weir.Bench.Micro;

/// <summary>Says that entries have no slices, so that a bench has the same record with and without bytes to move.</summary>
internal sealed class FixedEntryCodec : Codec<LedgerEntry>
{
    public override CodecId Id => new("bench.fixed-entry", 1);

    public override void Encode(in LedgerEntry value, ReadOnlySpan<byte> bytes, ByteArena output) => throw new NotSupportedException("No bench stores it.");

    public override LedgerEntry Decode(ReadOnlySpan<byte> encoded) => throw new NotSupportedException("No bench stores it.");
}
