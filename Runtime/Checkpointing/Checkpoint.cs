using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>One checkpoint under way: what barriers point to, so that everybody sees at once when it has ended.</summary>
/// <remarks>
/// Written by the coordinator only. It sets the state first and then walks all channels under their locks; a producer looks at the state
/// under the same lock when it puts its barrier: before the walk, the walk finds it; after, the producer sees it.
/// </remarks>
internal sealed class Checkpoint(long id, CheckpointMode mode, CheckpointFiles files, int subtasks)
{
    private readonly SubtaskTimes[] _times = [.. Enumerable.Range(0, subtasks).Select(_ => new SubtaskTimes())];
    private readonly TaskCompletionSource _quiet = new(); // Awaited on a lane, which continuations are posted to.
    private volatile CheckpointMode _mode = mode;
    private volatile bool _ended;
    private int _parts = 1; // The coordinator's own, until the end.
    private long _inFlightBytes;

    public long Id { get; } = id;

    /// <summary>How its barriers meet queued data. An aligned one may turn unaligned while it is under way, so that whoever decides by it reads it once.</summary>
    public CheckpointMode Mode => _mode;

    public CheckpointFiles Files { get; } = files;

    /// <summary>When a subtask did what for it.</summary>
    public SubtaskTimes TimesOf(Subtask subtask) => _times[subtask.Ordinal];

    /// <summary>Folders of other checkpoints that it is not whole without, known when all of it is; the names alone. The coordinator's.</summary>
    public IReadOnlyList<string> References { get; set; } = [];

    /// <summary>Completed or given up: its barriers count as none.</summary>
    public bool Ended => _ended;

    /// <summary>Bytes of in-flight data taken so far to be written, by all subtasks.</summary>
    public long InFlightBytes => Interlocked.Read(ref _inFlightBytes);

    /// <summary>Turns it unaligned. Barriers that are put from here on are visible at once; those that were put before are, once all channels were walked.</summary>
    public void TurnUnaligned() => _mode = CheckpointMode.Unaligned;

    public long AddInFlight(long bytes) => Interlocked.Add(ref _inFlightBytes, bytes);

    /// <summary>Begins work for this checkpoint, which is not quiet before <see cref="PartIsOver"/>; false: it is quiet already, so nothing may begin.</summary>
    public bool TryBeginPart()
    {
        int parts;
        do
        {
            parts = Volatile.Read(ref _parts);
            if (parts == 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _parts, parts + 1, parts) != parts);
        return true;
    }

    /// <summary>Runs work of this checkpoint beside the records; false: it is quiet already, and the work is not run.</summary>
    public bool TryRunPart(IExecutor executor, Func<Task> work)
    {
        if (!TryBeginPart())
        {
            return false;
        }
        executor.RunInBackground(async () =>
        {
            try
            {
                await work();
            }
            finally
            {
                PartIsOver();
            }
        });
        return true;
    }

    /// <summary>Ends what <see cref="TryBeginPart"/> began.</summary>
    public void PartIsOver()
    {
        if (Interlocked.Decrement(ref _parts) == 0)
        {
            _quiet.TrySetResult();
        }
    }

    /// <summary>Marks it as over.</summary>
    /// <returns>Completes when nothing runs for it any more: before that, no further checkpoint begins.</returns>
    public Task End()
    {
        Invariant.Holds(!_ended);
        _ended = true;
        PartIsOver();
        return _quiet.Task;
    }
}
