using Weir.StateStore;

namespace Weir.Runtime.Gates;

/// <summary>Deals out the room of an attempt's spill file, and takes it back, so that the file stays about as large as what lies in it.</summary>
/// <remarks>
/// The file is dealt in regions of equal size: batches lie one behind the other in the region at hand, one that is larger has several to itself. A region of
/// which nothing is needed any more is used again, the lowest first; when nothing is needed at all, the file begins anew.
/// Thread: any; a lock a batch, not held while bytes are written or read.
/// </remarks>
internal sealed class SpillSpace(ISpillFile file, int regionBytes)
{
    // So many regions stay on the disk when nothing is in them: a job that spills a little, often, does not cut its file each time.
    private const int KeptRegions = 4;

    private const int None = -1;

    private readonly Lock _lock = new();
    private readonly List<int> _live = []; // By region: batches in it.
    private readonly SortedSet<int> _free = []; // Regions without one, but for the one at hand.
    private int _atHand = None;
    private int _filled;
    private int _batches;
    private long _bytes;

    public string Location => file.Location;

    /// <summary>Bytes that lie in the file and are needed.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Writes the records of one batch; the caller is the one owner of what is returned.</summary>
    /// <exception cref="JobException">They can't be written: the attempt must end.</exception>
    public SpilledBatch Put(ReadOnlySpan<byte> stored, int count)
    {
        long offset = Reserve(stored.Length);
        try
        {
            file.Write(stored, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Free(offset, stored.Length);
            throw new JobException(
                JobFailure.Transient,
                $"What one record made is more than memory may hold (MaxOverflowBytes), and {file.Location} takes no more: {e.Message.TrimEnd('.')}. Make room there, or raise MaxOverflowBytes.",
                e);
        }
        return new SpilledBatch(this, offset, stored.Length, Crc32C.Of(stored), count);
    }

    /// <summary>Reads bytes that are not freed.</summary>
    /// <exception cref="JobException">They can't be read: the attempt must end.</exception>
    public void Read(Span<byte> bytes, long offset)
    {
        try
        {
            file.Read(bytes, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JobException(JobFailure.Transient, $"Records that wait in {file.Location} can't be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>What was put at a place is not needed any more.</summary>
    public void Free(long offset, int length)
    {
        lock (_lock)
        {
            _bytes -= length;
            _batches--;
            Invariant.Holds(_batches >= 0);
            if (_batches == 0)
            {
                BeginAnewUnderLock();
                return;
            }
            for (int region = (int)(offset / regionBytes); region <= LastRegionOf(offset, length); region++)
            {
                if (--_live[region] == 0 && region != _atHand)
                {
                    _free.Add(region);
                }
            }
        }
    }

    private long Reserve(int length)
    {
        Invariant.Holds(length > 0);
        lock (_lock)
        {
            if (_atHand == None || _filled > regionBytes - length)
            {
                LeaveRegionUnderLock();
                _atHand = TakeRegionsUnderLock(((length - 1) / regionBytes) + 1);
                _filled = 0;
            }
            long offset = ((long)_atHand * regionBytes) + _filled;
            for (int region = _atHand; region <= LastRegionOf(offset, length); region++)
            {
                _live[region]++;
            }
            _filled += length;
            _batches++;
            _bytes += length;
            return offset;
        }
    }

    private int LastRegionOf(long offset, int length) => (int)((offset + length - 1) / regionBytes);

    private void LeaveRegionUnderLock()
    {
        if (_atHand != None && _live[_atHand] == 0)
        {
            _free.Add(_atHand);
        }
    }

    /// <summary>The first of so many free regions in a row, at the end of the file if nowhere else.</summary>
    private int TakeRegionsUnderLock(int count)
    {
        int first = FindFreeUnderLock(count);
        for (int region = first; region < first + count; region++)
        {
            if (region == _live.Count)
            {
                _live.Add(0);
            }
            _free.Remove(region);
        }
        return first;
    }

    private int FindFreeUnderLock(int count)
    {
        int inRow = 0;
        int before = None;
        foreach (int region in _free)
        {
            inRow = region == before + 1 ? inRow + 1 : 1;
            before = region;
            if (inRow == count)
            {
                return region - count + 1;
            }
        }
        // Those at the end that are free are part of what is taken.
        return before == _live.Count - 1 ? _live.Count - inRow : _live.Count;
    }

    private void BeginAnewUnderLock()
    {
        if (_live.Count > KeptRegions)
        {
            file.Empty();
        }
        _live.Clear();
        _free.Clear();
        _atHand = None;
    }
}
