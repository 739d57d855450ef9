using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Log;

/// <summary>The batches of one partition, with what idempotent and transactional producers need.</summary>
/// <remarks>
/// Thread: under the broker's lock, but for the bytes of batches, which never change. Holds: offsets only grow; the last stable offset is that of the first
/// record of the oldest open transaction, or the end.
/// </remarks>
internal sealed class PartitionLog(TopicSettings settings)
{
    // Half of the batches are then of no use, about (Kafka's min.cleanable.dirty.ratio is 0.5), and it is worth the walk.
    private const int CompactFromMin = 64;

    private readonly List<StoredBatch> _batches = [];
    private readonly Dictionary<long, ProducerEntry> _producers = [];
    private readonly SortedDictionary<long, long> _openByFirstOffset = [];
    private readonly Dictionary<long, long> _firstOffsetOfOpen = [];
    private readonly List<AbortedTransaction> _aborted = [];
    private readonly HashSet<FetchWait> _waits = [];
    private int _compactFrom = CompactFromMin;
    private long _bytes;

    /// <summary>The first offset that may still be read.</summary>
    public long StartOffset { get; private set; }

    /// <summary>The offset that the next record gets: with one replica, also the high watermark.</summary>
    public long EndOffset { get; private set; }

    /// <summary>Behind this, nothing is decided yet.</summary>
    public long LastStableOffset
    {
        get
        {
            foreach (long first in _openByFirstOffset.Keys)
            {
                return first;
            }
            return EndOffset;
        }
    }

    public long EndFor(bool isCommittedOnly) => isCommittedOnly ? LastStableOffset : EndOffset;

    /// <summary>Appends what a producer sent.</summary>
    /// <param name="sent">The batch; copied.</param>
    /// <param name="head">Its head.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="offset">Where it lies, or lay already if it was sent before.</param>
    public ErrorCode Append(ReadOnlySpan<byte> sent, in BatchHead head, long nowMs, out long offset)
    {
        offset = -1;
        if (head.HasProducer)
        {
            var producer = ProducerOf(head.ProducerId);
            if (head.ProducerEpoch < producer.Epoch)
            {
                return ErrorCode.InvalidProducerEpoch;
            }
            if (producer.FindSame(head) is { } same)
            {
                offset = same.Offset;
                return ErrorCode.None;
            }
            if (!producer.IsNext(head))
            {
                return ErrorCode.OutOfOrderSequenceNumber;
            }
            producer.Append(head, EndOffset);
        }
        if (head.IsTransactional && _firstOffsetOfOpen.TryAdd(head.ProducerId, EndOffset))
        {
            _openByFirstOffset.Add(EndOffset, head.ProducerId);
        }
        byte[] bytes = sent.ToArray();
        long maxTimestamp = head.MaxTimestamp;
        if (settings.IsAppendTime)
        {
            RecordBatch.SetAppendTime(bytes, nowMs);
            maxTimestamp = nowMs;
        }
        offset = EndOffset;
        Add(bytes, head, maxTimestamp, nowMs);
        return ErrorCode.None;
    }

    /// <summary>Ends a producer's transaction here, if one is open, and lets no older epoch of it in any more.</summary>
    public void EndTransaction(long producerId, short producerEpoch, bool isCommit, long nowMs)
    {
        ProducerOf(producerId).Begin(producerEpoch);
        long marker = EndOffset;
        byte[] bytes = RecordBatch.EndMarker(producerId, producerEpoch, isCommit, nowMs);
        Add(bytes, new BatchHead(RecordBatch.TransactionalBit | RecordBatch.ControlBit, 1, nowMs, nowMs, producerId, producerEpoch, -1), nowMs, nowMs);
        if (_firstOffsetOfOpen.Remove(producerId, out long first))
        {
            _openByFirstOffset.Remove(first);
            if (!isCommit)
            {
                _aborted.Add(new AbortedTransaction(producerId, first, marker));
            }
        }
        Wake();
    }

    /// <summary>Reads batches from an offset on; whole ones, the first of which may begin before it.</summary>
    /// <param name="offset">From where; between start and end.</param>
    /// <param name="end">Up to where, exclusive.</param>
    /// <param name="bytesMax">How many bytes; the first batch comes however large it is, if <paramref name="mayExceed"/>.</param>
    /// <param name="mayExceed">Whether progress goes before the bound.</param>
    /// <param name="batches">Receives them.</param>
    /// <returns>Their bytes.</returns>
    public int Read(long offset, long end, int bytesMax, bool mayExceed, List<StoredBatch> batches)
    {
        int bytes = 0;
        for (int index = IndexOf(offset); index < _batches.Count && _batches[index].BaseOffset < end; index++)
        {
            var batch = _batches[index];
            if (bytes + batch.Bytes.Length > bytesMax && !(mayExceed && bytes == 0))
            {
                break;
            }
            batches.Add(batch);
            bytes += batch.Bytes.Length;
        }
        return bytes;
    }

    /// <summary>Transactions that were aborted among the records from one offset up to another.</summary>
    public IEnumerable<AbortedTransaction> AbortedBetween(long offset, long end) =>
        _aborted.Where(aborted => aborted.MarkerOffset >= offset && aborted.FirstOffset < end);

    /// <summary>The first offset whose batch has a record of a time or later, with the time; null where there is none before the end.</summary>
    public (long Offset, long Timestamp)? FindTime(long timestamp, long end)
    {
        foreach (var batch in _batches)
        {
            if (batch.BaseOffset >= end)
            {
                break;
            }
            if (batch.MaxTimestamp >= timestamp && !batch.Head.IsControl)
            {
                return RecordTimes.FirstAt(batch, timestamp, settings.IsAppendTime);
            }
        }
        return null;
    }

    /// <summary>The record with the latest time before the end, as far as batches tell; null where there is none.</summary>
    public (long Offset, long Timestamp)? FindMaxTime(long end)
    {
        var newest = _batches.Where(batch => batch.BaseOffset < end && !batch.Head.IsControl).MaxBy(batch => batch.MaxTimestamp);
        return newest is null ? null : RecordTimes.FirstAt(newest, newest.MaxTimestamp, settings.IsAppendTime);
    }

    /// <summary>Deletes what lies before an offset.</summary>
    public void DeleteBefore(long offset)
    {
        StartOffset = Math.Max(StartOffset, offset);
        int dead = 0;
        while (dead < _batches.Count && _batches[dead].LastOffset < StartOffset)
        {
            _bytes -= _batches[dead++].Bytes.Length;
        }
        _batches.RemoveRange(0, dead);
        _aborted.RemoveAll(aborted => aborted.MarkerOffset < StartOffset);
    }

    /// <summary>Deletes what is older than the topic keeps, or more, or has come again under the same key. Records of an open transaction stay.</summary>
    public void Retain(long nowMs)
    {
        if (settings.IsCompacted)
        {
            Compact();
            return;
        }
        long bytes = _bytes;
        int dead = 0;
        while (dead < _batches.Count && _batches[dead].LastOffset < LastStableOffset && IsOutdated(_batches[dead], bytes, nowMs))
        {
            bytes -= _batches[dead++].Bytes.Length;
        }
        if (dead > 0)
        {
            DeleteBefore(_batches[dead - 1].LastOffset + 1);
        }
    }

    public void Await(FetchWait wait) => _waits.Add(wait);

    public void StopAwaiting(FetchWait wait) => _waits.Remove(wait);

    /// <summary>The topic is gone: whoever waits looks again, and finds that out.</summary>
    public void Wake()
    {
        foreach (var wait in _waits)
        {
            wait.Wake();
        }
        _waits.Clear();
    }

    private void Compact()
    {
        if (_batches.Count < _compactFrom)
        {
            return;
        }
        var kept = Compaction.Keep(_batches, LastStableOffset, batch => _aborted.Exists(aborted => aborted.Has(batch)));
        _batches.Clear();
        _batches.AddRange(kept);
        _aborted.RemoveAll(aborted => !kept.Exists(aborted.Has));
        _bytes = kept.Sum(batch => (long)batch.Bytes.Length);
        _compactFrom = Math.Max(CompactFromMin, 2 * kept.Count);
    }

    private bool IsOutdated(StoredBatch batch, long bytes, long nowMs) =>
        (settings.RetentionMs >= 0 && nowMs - batch.AppendedMs > settings.RetentionMs) || (settings.RetentionBytes >= 0 && bytes > settings.RetentionBytes);

    private void Add(byte[] bytes, in BatchHead head, long maxTimestamp, long nowMs)
    {
        RecordBatch.SetOffset(bytes, EndOffset);
        _batches.Add(new StoredBatch(EndOffset, head, maxTimestamp, nowMs, bytes));
        _bytes += bytes.Length;
        EndOffset += head.RecordCount;
        Wake();
    }

    private ProducerEntry ProducerOf(long id)
    {
        if (!_producers.TryGetValue(id, out var producer))
        {
            _producers.Add(id, producer = new ProducerEntry());
        }
        return producer;
    }

    // The first batch that ends at or behind the offset.
    private int IndexOf(long offset)
    {
        int low = 0, high = _batches.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_batches[middle].LastOffset < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }
}
