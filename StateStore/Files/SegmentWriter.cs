namespace Weir.StateStore;

/// <summary>Appends segments to one file of a checkpoint.</summary>
/// <remarks>
/// Thread: one at a time. The file stays its maker's, who commits it after <see cref="FlushAsync"/>; several writers may share a file one after another.
/// A payload is written once into the writer's buffer, behind the room for its header, and goes to storage from there.
/// After a call failed the file is of no use: its maker disposes it without a commit.
/// </remarks>
/// <param name="file">Where the segments go.</param>
/// <param name="name">The file's name, relative to the checkpoint's folder: what the handles carry.</param>
public sealed class SegmentWriter(ICheckpointFile file, string name)
{
    // 1 MiB: large enough for one call to the store to pay, small enough to hold one for each writer.
    private const int FlushBytes = 1 << 20;

    private const int NotBegun = -1;

    // In hand while it holds something.
    private ByteArena? _buffer;

    private int _start = NotBegun;

    /// <summary>Most bytes of payload that a segment has.</summary>
    public static int PayloadBytesMax => SegmentHeader.PayloadBytesMax;

    /// <summary>The file's name, relative to the checkpoint's folder.</summary>
    public string Name => name;

    /// <summary>Where the next segment will lie; so also how much was written.</summary>
    public long Position => file.Length + Length;

    /// <summary>Begins a segment.</summary>
    /// <returns>Where its payload is to be appended, and nothing else done, until <see cref="EndAsync"/>; other bytes may stand before it.</returns>
    public ByteArena Begin()
    {
        Invariant.Holds(_start == NotBegun);
        _start = Length;
        var buffer = Buffer();
        buffer.Claim(SegmentHeader.Size);
        return buffer;
    }

    /// <summary>Bytes of payload in the segment that was begun.</summary>
    public int PayloadLength => _start == NotBegun ? 0 : Length - _start - SegmentHeader.Size;

    /// <summary>Ends the segment that was begun, and hands it to storage when a chunk is full.</summary>
    /// <returns>Where it lies.</returns>
    /// <exception cref="ArgumentException">The payload is larger than <see cref="PayloadBytesMax"/>.</exception>
    public async ValueTask<SegmentHandle> EndAsync(CancellationToken cancellation)
    {
        Invariant.Holds(_start != NotBegun);
        var handle = Seal();
        if (Length >= FlushBytes)
        {
            await FlushAsync(cancellation);
        }
        return handle;
    }

    /// <summary>Takes the segment that was begun back; nothing of it is written.</summary>
    public void Abandon()
    {
        Invariant.Holds(_start != NotBegun);
        Buffer().Truncate(_start);
        _start = NotBegun;
    }

    /// <summary>Appends a segment whose payload lies in memory already; a large one goes to storage from where it lies.</summary>
    /// <param name="payload">Its pieces, in order; the caller's again when this returns.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">The payload is larger than <see cref="PayloadBytesMax"/>.</exception>
    public async ValueTask<SegmentHandle> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> payload, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(payload);
        Invariant.Holds(_start == NotBegun);
        long total = payload.Sum(piece => (long)piece.Length);
        int length = CheckLength(total);
        var handle = new SegmentHandle(name, Position, length, Checksum(length, payload));
        SegmentHeader.Write(Buffer().Claim(SegmentHeader.Size), length, handle.Crc);
        foreach (var piece in payload)
        {
            if (Length + piece.Length <= FlushBytes)
            {
                Buffer().Append(piece.Span);
                continue;
            }
            await FlushAsync(cancellation);
            await file.AppendAsync(piece, cancellation);
        }
        return handle;
    }

    /// <summary>Hands all segments that ended to storage.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        Invariant.Holds(_start == NotBegun);
        if (_buffer is not { } buffer)
        {
            return;
        }
        if (buffer.Length > 0)
        {
            await file.AppendAsync(buffer.WrittenMemory, cancellation);
        }
        _buffer = null;
        SegmentBuffers.Return(buffer);
    }

    private int Length => _buffer?.Length ?? 0;

    private ByteArena Buffer() => _buffer ??= SegmentBuffers.Rent();

    private SegmentHandle Seal()
    {
        int length = CheckLength(PayloadLength);
        var segment = Buffer().Array.AsSpan(_start, SegmentHeader.Size + length);
        uint crc = Crc32C.Finish(Crc32C.Append(SegmentHeader.Begin(length), segment[SegmentHeader.Size..]));
        SegmentHeader.Write(segment, length, crc);
        var handle = new SegmentHandle(name, file.Length + _start, length, crc);
        _start = NotBegun;
        return handle;
    }

    private static uint Checksum(int length, IReadOnlyList<ReadOnlyMemory<byte>> payload)
    {
        uint state = SegmentHeader.Begin(length);
        foreach (var piece in payload)
        {
            state = Crc32C.Append(state, piece.Span);
        }
        return Crc32C.Finish(state);
    }

    private int CheckLength(long length) => length <= PayloadBytesMax
        ? (int)length
        : throw new ArgumentException($"A segment of {name} would have {length} bytes; {PayloadBytesMax} is the most.");
}
