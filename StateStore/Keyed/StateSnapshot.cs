namespace Weir.StateStore;

/// <summary>The keyed state of a subtask as it was at one moment, to be written while the subtask goes on.</summary>
/// <remarks>
/// Taking one copies nothing: it raises the epoch, and notes which pages each table has. After that a page is packed by whoever comes first,
/// the writer here or the first write to the page. Thread: made by the one that steps the subtask; written and disposed by any one other, in this order.
/// Whoever cancels the writing awaits its end before disposing. Holds: at most one is open; disposing it makes way for the next, whether it was written or not.
/// </remarks>
internal sealed class StateSnapshot : IDisposable
{
    private readonly StateEpoch _epoch;
    private readonly PackedSlots _packed;
    private readonly List<SnapshotCursor> _states;
    private bool _writing;
    private volatile bool _ended;

    internal StateSnapshot(IReadOnlyList<StateTable> states, StateEpoch epoch, PackedSlots packed, CodecId keyCodec)
    {
        _epoch = epoch;
        _packed = packed;
        epoch.Begin(this);
        packed.Open();
        _states = [.. states.Select(state => new SnapshotCursor(state, [.. state.Tables.Select(table => table.Pages)], epoch.Current, packed, keyCodec))];
    }

    /// <summary>Writes all entries, once. Packs on the calling thread, which therefore is not one that steps subtasks.</summary>
    /// <param name="writer">Where the segments go; flushed by the caller.</param>
    /// <param name="cancellation">Gives up; the snapshot can then only be disposed.</param>
    /// <returns>The parts that were written, by state and key group.</returns>
    public async ValueTask<IReadOnlyList<KeyedStatePart>> WriteAsync(SegmentWriter writer, CancellationToken cancellation)
    {
        Invariant.Holds(!_ended);
        Invariant.Holds(!_writing);
        _writing = true;
        try
        {
            var parts = new List<KeyedStatePart>();
            foreach (var state in _states)
            {
                while (state.Fill(writer.Begin()))
                {
                    cancellation.ThrowIfCancellationRequested();
                    parts.Add(state.Describe(await writer.EndAsync(cancellation)));
                }
                writer.Abandon();
            }
            return parts;
        }
        finally
        {
            _writing = false;
        }
    }

    /// <summary>Ends the snapshot: pages are written without a copy again, the next one may begin.</summary>
    public void Dispose()
    {
        if (_ended)
        {
            return;
        }
        Invariant.Holds(!_writing);
        _ended = true;
        _epoch.End(this);
        _packed.Close();
    }

    /// <summary>Nobody needs what is written any more, however long the writer still takes: lets go of what was copied for it. The thread that steps the subtask.</summary>
    public void Abandon()
    {
        if (!_ended)
        {
            _packed.Abandon();
        }
    }

    /// <summary>Saves a page that the subtask is about to write.</summary>
    internal unsafe void TakeBeforeWrite(KeyGroupTable table, byte* page) => _packed.Take(table, page);
}
