using System.Globalization;

namespace Weir.Runtime.Operators;

/// <summary>The highest event time in each of a subtask's splits, and which of them have brought no record for so long that nothing waits for them.</summary>
/// <remarks>
/// Where records do not say which split they are of, all of them count as one's. A split that was idle and brings records again begins no lower than event time has come meanwhile.
/// Silence is measured in time in which records could have been taken: neither while the subtask has no room, nor more than half of the bound in one piece, so that a process that stood still
/// does not take its splits for idle. Thread: the one that steps the subtask. Nothing is allocated after it has begun, but for what is stored.
/// </remarks>
internal sealed class SplitTimes
{
    private readonly string[] _names;
    private readonly Split[] _splits;
    private readonly long _idleAfter;
    private bool _areTold;
    private bool _wasAnyHeard;
    private long _lookedAt;
    private long _clock;

    /// <param name="names">The splits; null where records come from no source directly.</param>
    /// <param name="idleAfter">In the clock's ticks; <see cref="long.MaxValue"/> for never.</param>
    /// <param name="now">The clock.</param>
    public SplitTimes(IReadOnlyList<string>? names, long idleAfter, long now)
    {
        _names = [.. names ?? []];
        _splits = new Split[1 + _names.Length]; // The first one is for records that do not say.
        foreach (ref var split in _splits.AsSpan())
        {
            split.Highest = long.MinValue;
        }
        _areTold = names is not null;
        _idleAfter = idleAfter;
        _lookedAt = now;
    }

    /// <summary>Whether all of them are idle; where there are none, too.</summary>
    public bool IsIdle { get; private set; }

    /// <summary>How far event time has come: the lowest of those that are not idle, or of all the highest where there are none; never lower than before.</summary>
    public long Reached { get; private set; } = long.MinValue;

    /// <summary>The highest time of all.</summary>
    public long Highest
    {
        get
        {
            long highest = long.MinValue;
            foreach (ref readonly var split in Counting)
            {
                highest = Math.Max(highest, split.Highest);
            }
            return highest;
        }
    }

    private Span<Split> Counting => _areTold ? _splits.AsSpan(1) : _splits.AsSpan(0, 1);

    /// <summary>Takes the time of a record.</summary>
    /// <param name="split">Its split's place, or <see cref="RecordContext.NoSplit"/>.</param>
    /// <param name="time">In ms since 1970.</param>
    public void Take(int split, long time)
    {
        ref var own = ref _splits[_areTold ? split + 1 : 0];
        if (time > own.Highest)
        {
            own.Highest = time;
        }
        own.IsHeard = true;
        if (split < 0)
        {
            _areTold = false;
        }
    }

    /// <summary>Begins where another life stood; records may have come already.</summary>
    /// <param name="stored">By split, as <see cref="Store"/> wrote it.</param>
    /// <param name="otherwise">The highest time of all that it was before, for splits that nothing was stored of.</param>
    public void Begin(IReadOnlyDictionary<string, string> stored, long otherwise)
    {
        _splits[0].Highest = Math.Max(_splits[0].Highest, otherwise); // Also where splits are told, since records may turn out not to say theirs.
        long lowest = long.MaxValue;
        for (int index = 0; index < _names.Length; index++)
        {
            if (stored.TryGetValue(_names[index], out string? text))
            {
                ref var split = ref _splits[index + 1];
                split.IsKnown = true;
                split.IsIdle = text.EndsWith('i');
                long highest = long.Parse(text.AsSpan().TrimEnd('i'), CultureInfo.InvariantCulture);
                split.Highest = Math.Max(split.Highest, highest);
                lowest = split.IsIdle ? lowest : Math.Min(lowest, highest);
            }
        }
        // What is new among them holds nothing back that had come so far already.
        long begin = lowest < long.MaxValue ? lowest : otherwise;
        for (int index = 0; index < _names.Length; index++)
        {
            if (!stored.ContainsKey(_names[index]))
            {
                _splits[index + 1].Highest = Math.Max(_splits[index + 1].Highest, begin);
            }
        }
    }

    /// <summary>Looks at all of them.</summary>
    /// <param name="now">The clock.</param>
    /// <param name="couldTake">Whether records could be taken since the last look.</param>
    /// <returns>The name of one that is idle from now on; null where none is.</returns>
    public string? Look(long now, bool couldTake)
    {
        if (couldTake)
        {
            _clock += Math.Min(now - _lookedAt, _idleAfter / 2);
        }
        _lookedAt = now;
        string? fellIdle = null;
        long lowest = long.MaxValue;
        var counting = Counting;
        bool isIdle = true;
        for (int index = 0; index < counting.Length; index++)
        {
            ref var split = ref counting[index];
            if (split.IsHeard)
            {
                split.IsHeard = false;
                _wasAnyHeard = true;
                split.HeardAt = _clock;
                if (split.IsIdle)
                {
                    split.IsIdle = false;
                    split.Highest = Math.Max(split.Highest, Reached);
                }
            }
            else if (!split.IsIdle && _clock - split.HeardAt >= _idleAfter)
            {
                split.IsIdle = true;
                fellIdle = _areTold ? _names[index] : "";
            }
            if (!split.IsIdle)
            {
                isIdle = false;
                lowest = Math.Min(lowest, split.Highest);
            }
        }
        IsIdle = isIdle;
        Reached = Math.Max(Reached, isIdle ? Highest : lowest);
        return fellIdle;
    }

    /// <summary>What another life is to begin with, by split. Of a life that took no records, what it began with: none has said yet whether it says its split.</summary>
    public IEnumerable<(string Split, string Text)> Store() =>
        from place in Enumerable.Range(1, _areTold ? _names.Length : 0)
        where _wasAnyHeard || _splits[place].IsKnown
        select (_names[place - 1], string.Create(CultureInfo.InvariantCulture, $"{_splits[place].Highest}{(_splits[place].IsIdle ? "i" : "")}"));

    private struct Split
    {
        public long Highest;
        public long HeardAt;
        public bool IsHeard;
        public bool IsIdle;
        public bool IsKnown;
    }
}
