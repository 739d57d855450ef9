namespace Weir.StateStore;

/// <summary>Walks one state as it was when a snapshot began, key group by key group, and fills segments with it.</summary>
/// <remarks>Thread: the snapshot's writer.</remarks>
internal sealed class SnapshotCursor(StateTable state, IReadOnlyList<ReadOnlyMemory<nint>> pages, int epoch, PackedSlots packed, CodecId keyCodec)
{
    // 1 MiB: what a writer buffers and a reader holds at once. One entry more may come on top.
    private const int SegmentBytes = 1 << 20;

    private readonly ByteArena _page = new(Page.Size);

    // The next to write: table, page of the table, fragment packed of it.
    private int _table;
    private int _nextPage;
    private int _nextFragment;

    private int _firstGroup;
    private int _lastGroup;
    private long _entries;

    // Packed, and still to be written.
    private ReadOnlyMemory<byte> _slots;

    private int _runStart;
    private int _runEntries;

    /// <summary>Appends entries to a segment's payload until it is large enough or the state is at its end.</summary>
    /// <returns>False if there was nothing left to append.</returns>
    public bool Fill(ByteArena payload)
    {
        int full = payload.Length + SegmentBytes;
        _entries = 0;
        KeyedStateFormat.WriteHead(payload, state.Layout);

        // A run is begun where its head leaves room for an entry: each turn writes one, or ends a table.
        while (_table < state.Tables.Count && payload.Length + KeyedStateFormat.RunHeadSize < full)
        {
            var table = state.Tables[_table];
            BeginRun(payload);
            bool ended = FillRun(payload, table, full);
            EndRun(payload, table.KeyGroup);
            if (ended)
            {
                _table++;
                _nextPage = _nextFragment = 0;
            }
        }
        return _entries > 0;
    }

    /// <summary>Describes the segment that was filled last.</summary>
    public KeyedStatePart Describe(SegmentHandle handle) => new()
    {
        StateName = state.Declaration.Name,
        KeyCodec = keyCodec,
        ValueCodec = state.Declaration.ValueCodec,
        KeyGroupFirst = _firstGroup,
        KeyGroupLast = _lastGroup,
        Handle = handle,
        Entries = _entries,
    };

    private bool FillRun(ByteArena payload, KeyGroupTable table, int full)
    {
        while (true)
        {
            int taken = KeyedStateFormat.WriteEntries(payload, full, table, _slots.Span);
            _runEntries += taken / table.Layout.Size;
            _slots = _slots[taken..];
            if (payload.Length >= full)
            {
                return false;
            }
            if (!TryNextSlots(table))
            {
                return true;
            }
        }
    }

    private bool TryNextSlots(KeyGroupTable table)
    {
        var tablePages = pages[_table];
        if (_nextPage < tablePages.Length)
        {
            _page.Clear();
            table.TryPack(tablePages.Span[_nextPage++], epoch, _page);
            _slots = _page.WrittenMemory;
            return true;
        }
        // Only now, when no page of the table is old any more, is the list complete.
        var fragments = packed.Of(table);
        if (_nextFragment < fragments.Count)
        {
            _slots = fragments[_nextFragment++];
            return true;
        }
        return false;
    }

    private void BeginRun(ByteArena payload)
    {
        _runStart = payload.Length;
        _runEntries = 0;
        payload.Claim(KeyedStateFormat.RunHeadSize);
    }

    private void EndRun(ByteArena payload, int keyGroup)
    {
        if (_runEntries == 0)
        {
            payload.Truncate(_runStart);
            return;
        }
        int bytes = payload.Length - _runStart - KeyedStateFormat.RunHeadSize;
        KeyedStateFormat.WriteRunHead(payload.Array.AsSpan(_runStart), keyGroup, _runEntries, bytes);
        _firstGroup = _entries == 0 ? keyGroup : _firstGroup;
        _lastGroup = keyGroup;
        _entries += _runEntries;
    }
}
