namespace Weir.StateStore;

/// <summary>Reads all that a checkpoint needs, and compares every length and checksum. Holds one segment at a time.</summary>
/// <remarks>Thread: one at a time; the figures are for any.</remarks>
/// <param name="storage">Where it lies.</param>
/// <param name="folder">Its folder.</param>
/// <param name="metadata">What it says of itself.</param>
public sealed class CheckpointVerification(ICheckpointStorage storage, string folder, CheckpointMetadata metadata)
{
    /// <summary>Faults beyond this are counted, not told.</summary>
    public const int FaultsToldMax = 20;

    private readonly IReadOnlyList<NeededSegment> _segments = NeededSegments.Of(metadata);
    private readonly List<string> _faults = [];
    private long _bytes;

    /// <summary>Segments to read.</summary>
    public int Segments => _segments.Count;

    /// <summary>Files they lie in.</summary>
    public int Files => _segments.Select(segment => segment.Handle.File).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Bytes of payload to read.</summary>
    public long BytesTotal => _segments.Sum(segment => (long)segment.Handle.Length);

    /// <summary>Bytes read so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Segments that are not what was written.</summary>
    public int FaultCount { get; private set; }

    /// <summary>What is wrong, a sentence each: whose bytes, which file, at which offset, and why.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Reads.</summary>
    /// <exception cref="CheckpointStorageException">The store does not answer, or does not let us in.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var segment in _segments)
        {
            try
            {
                await SegmentReader.ReadAsync(storage, folder, segment.Handle, cancellation);
            }
            catch (CheckpointStorageException fault) when (fault.Reason is StorageFailure.Damaged or StorageFailure.Missing or StorageFailure.OtherFormat)
            {
                if (++FaultCount <= FaultsToldMax)
                {
                    _faults.Add($"{segment.Owner}, at offset {segment.Handle.Offset} of {segment.Handle.File}: {fault.Message}");
                }
            }
            Volatile.Write(ref _bytes, _bytes + segment.Handle.Length);
        }
    }
}
