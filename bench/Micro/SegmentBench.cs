using BenchmarkDotNet.Attributes;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>Bytes of a checkpoint into segments: copied, checked off, handed to a file; an operation is a MiB.</summary>
[MemoryDiagnoser]
public class SegmentBench
{
    private const int MiB = 1 << 20;
    private const int FileMiB = 16;
    private const int PieceBytes = 16 << 10;

    private readonly byte[] _piece = new byte[PieceBytes];
    private readonly byte[] _memory = new byte[(FileMiB + 1) * MiB];
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-bench-").FullName;
    private int _file;

    /// <summary>In-flight data has small segments, a snapshot of state those of 8 MiB.</summary>
    [Params(64 << 10, 8 << 20)]
    public int SegmentBytes { get; set; }

    [GlobalSetup]
    public async Task Check()
    {
        new Random(1).NextBytes(_piece);
        Invariant.Holds(await Memory() == (FileMiB * MiB) + ((long)FileMiB * MiB / SegmentBytes * SegmentHeader.Size));
        Invariant.Holds(_memory.AsSpan(SegmentHeader.Size, PieceBytes).SequenceEqual(_piece));
    }

    [GlobalCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    /// <summary>The checksum alone.</summary>
    [Benchmark(OperationsPerInvoke = FileMiB)]
    public uint Checksum()
    {
        uint state = Crc32C.Start;
        for (int i = 0; i < FileMiB * MiB / PieceBytes; i++)
        {
            state = Crc32C.Append(state, _piece);
        }
        return Crc32C.Finish(state);
    }

    [Benchmark(OperationsPerInvoke = FileMiB)]
    public async Task<long> Memory()
    {
        await using var file = new MemoryFile(_memory);
        await WriteAsync(file);
        return file.Length;
    }

    /// <summary>A new file each time, committed, but not forced to the disk.</summary>
    [Benchmark(OperationsPerInvoke = FileMiB)]
    public Task File() => WriteFileAsync(fsync: false);

    /// <summary>The same, forced to the disk.</summary>
    [Benchmark(OperationsPerInvoke = FileMiB)]
    public Task FileWithFsync() => WriteFileAsync(fsync: true);

    private async Task WriteFileAsync(bool fsync)
    {
        var storage = new LocalStorage(_folder, fsync);
        // Few enough that the disk does not fill.
        string checkpoint = $"chk-{_file++ % 4}";
        await storage.DeleteFolderAsync(checkpoint, CancellationToken.None);
        await using var file = await storage.CreateAsync($"{checkpoint}/state-0", CancellationToken.None);
        await WriteAsync(file);
        await file.CommitAsync(CancellationToken.None);
    }

    private async Task WriteAsync(ICheckpointFile file)
    {
        var writer = new SegmentWriter(file, "state-0");
        for (int written = 0; written < FileMiB * MiB; written += SegmentBytes)
        {
            var payload = writer.Begin();
            for (int filled = 0; filled < SegmentBytes; filled += PieceBytes)
            {
                payload.Append(_piece);
            }
            _ = await writer.EndAsync(CancellationToken.None);
        }
        await writer.FlushAsync(CancellationToken.None);
    }
}
