namespace Weir.Runtime.Operators;

/// <summary>One operator inside one subtask, apart from the records it takes: readiness, state, beginning and end.</summary>
/// <remarks>Thread: the one that steps the subtask.</remarks>
internal interface IOperator
{
    /// <summary>The operator's id in the job: what restores its state.</summary>
    string Id { get; }

    /// <summary>Whether it can take a record now. One that can't has set <see cref="RecordContext.StopAfterThis"/>, and wakes the subtask when it can.</summary>
    bool IsReady => true;

    /// <summary>Its keyed state, or null.</summary>
    KeyedState? State => null;

    /// <summary>Its state apart from keys, or null.</summary>
    OperatorState? OperatorState => null;

    /// <summary>Whether it makes watermarks of the records it takes: then <see cref="OnWatermark"/> is asked at the end of each Step, and before a snapshot.</summary>
    bool GeneratesWatermarks => false;

    /// <summary>Of one that makes watermarks, whether it takes no records for now: event time then goes on without the subtask. As of the last <see cref="OnWatermark"/>.</summary>
    bool IsIdle => false;

    /// <summary>Takes the watermark that stands before it in the chain, and gives the one that stands behind it. Called with the same one again, or a higher one.</summary>
    long OnWatermark(long watermark) => watermark;

    /// <summary>The splits that records will come from, where the chain begins with a source: <see cref="RecordContext.Split"/> counts in this order. Before it is restored.</summary>
    void TellSplits(IReadOnlyList<string> splits)
    {
    }

    /// <summary>A snapshot of its state is about to be taken.</summary>
    void PrepareSnapshot()
    {
    }

    /// <summary>The subtask ends a Step: what is gathered for an outside system goes out.</summary>
    void EndStep()
    {
    }

    /// <summary>The attempt is over: what it holds is released.</summary>
    void Close()
    {
    }
}

/// <summary>The operator at the end of a chain that writes to an outside system.</summary>
internal interface ISinkOperator : IOperator
{
    /// <summary>Records given to the sink so far.</summary>
    long Records { get; }

    /// <summary>Whether the sink's output becomes visible by the checkpoint's commit: its task snapshots at the switch.</summary>
    bool IsTransactional { get; }

    /// <summary>What is written from here on belongs to the transaction after that of this checkpoint.</summary>
    void Switch(long checkpoint);

    /// <summary>Completes when all written so far is acknowledged by the outside system.</summary>
    ValueTask FlushAsync(CancellationToken cancellation);
}
