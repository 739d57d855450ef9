namespace Weir.StateStore;

/// <summary>Where a segment lies, and what its bytes must be.</summary>
/// <param name="File">The file's name, relative to the folder of the checkpoint whose metadata holds the handle.</param>
/// <param name="Offset">Where the segment's header starts in the file.</param>
/// <param name="Length">Bytes of payload, without the header.</param>
/// <param name="Crc">CRC-32C of header and payload.</param>
public readonly record struct SegmentHandle(string File, long Offset, int Length, uint Crc);
