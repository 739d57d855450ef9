namespace Weir.StateStore;

/// <summary>The port to where records wait that memory has no room for: a file of this machine, or a simulation.</summary>
/// <remarks>What lies there is of use to the life that put it there, and to no other: it is not durable, and no restart looks for it.</remarks>
public interface ISpillStorage
{
    /// <summary>Gives a life of a job's slot an empty file, and deletes what earlier lives left behind.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="life">The life: its file has a name of its own, since an earlier one may not have ended yet.</param>
    /// <param name="cancellation">Gives up.</param>
    ValueTask<ISpillFile> OpenAsync(string job, int slot, string life, CancellationToken cancellation);
}

/// <summary>Bytes that one life has put aside. Disposing it deletes them.</summary>
/// <remarks>
/// Reads and writes are synchronous: a user's call that emits can't wait, and memory must stay bounded meanwhile. They are of some 32 KiB, and meet the
/// system's page cache, which costs about as much as to copy them; nothing is ever synced.
/// Thread: any; ranges that are written and read at the same time do not overlap.
/// A call that fails throws an <see cref="IOException"/>, or an <see cref="UnauthorizedAccessException"/>.
/// </remarks>
public interface ISpillFile : IDisposable
{
    /// <summary>Where it is, for messages.</summary>
    string Location { get; }

    /// <summary>Writes bytes at a place; the file grows as it must.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Reads bytes that were written.</summary>
    void Read(Span<byte> bytes, long offset);

    /// <summary>Nothing in it is needed any more: gives the disk its room back. Where that is not possible the room is used again, so it is no error.</summary>
    void Empty();
}
