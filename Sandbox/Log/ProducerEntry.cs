namespace Weir.Sandbox.Log;

/// <summary>What a partition knows of one idempotent producer: its epoch, and its last batches, so that one sent again is known.</summary>
internal sealed class ProducerEntry
{
    // As many as a producer may have in flight (max.in.flight.requests.per.connection).
    private const int BatchesMax = 5;

    private readonly Queue<Appended> _last = new(BatchesMax);
    private int _lastSequence = -1;

    /// <summary>The newest epoch seen; -1 before the first.</summary>
    public short Epoch { get; private set; } = -1;

    /// <summary>Where a batch lies that is the same as this one, or null.</summary>
    public Appended? FindSame(in BatchHead head)
    {
        if (head.ProducerEpoch != Epoch)
        {
            return null;
        }
        foreach (var appended in _last)
        {
            if (appended.BaseSequence == head.BaseSequence && appended.RecordCount == head.RecordCount)
            {
                return appended;
            }
        }
        return null;
    }

    /// <summary>Whether a batch comes next: at a new epoch with sequence 0, else right after the last one. Of a producer that is not known any is taken, for its records may have been deleted.</summary>
    public bool IsNext(in BatchHead head) =>
        Epoch < 0 || (head.ProducerEpoch != Epoch ? head.BaseSequence == 0 : _lastSequence < 0 || head.BaseSequence == (int)((_lastSequence + 1L) & int.MaxValue));

    public void Append(in BatchHead head, long offset)
    {
        Begin(head.ProducerEpoch);
        if (_last.Count == BatchesMax)
        {
            _last.Dequeue();
        }
        _last.Enqueue(new Appended(head.BaseSequence, head.RecordCount, offset));
        _lastSequence = head.LastSequence;
    }

    /// <summary>A newer epoch begins, with a batch or with a marker.</summary>
    public void Begin(short epoch)
    {
        if (epoch != Epoch)
        {
            Epoch = epoch;
            _last.Clear();
            _lastSequence = -1;
        }
    }

    /// <summary>A batch that was appended.</summary>
    public readonly record struct Appended(int BaseSequence, int RecordCount, long Offset);
}
