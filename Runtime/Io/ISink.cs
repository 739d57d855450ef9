namespace Weir.Runtime;

/// <summary>Where a job's records go: what a connector implements.</summary>
/// <typeparam name="T">The record.</typeparam>
public interface ISink<T> : IAsyncDisposable
{
    /// <summary>Whether output becomes visible with the checkpoint's commit, and only then.</summary>
    bool IsTransactional { get; }

    /// <summary>Checks, before anything runs, that the sink can be written.</summary>
    Task CheckAsync(CancellationToken cancellation);

    /// <summary>Makes the writer of one subtask.</summary>
    /// <param name="subtask">Whose it is.</param>
    /// <param name="wake">To be called, from any thread, when a writer that was not ready may be.</param>
    ISinkWriter<T> CreateWriter(int subtask, Action wake);
}

/// <summary>Writes for one subtask.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>Thread: the one that steps the subtask, but for <see cref="FlushAsync"/>'s completion. No call blocks.</remarks>
public interface ISinkWriter<T> : IDisposable
{
    /// <summary>Whether another record can be taken; the writer wakes its subtask when that becomes true again.</summary>
    bool IsReady { get; }

    /// <summary>Takes one record; only when ready, but for the rest of those that an operator before it made of one.</summary>
    /// <param name="record">Borrowed until this returns.</param>
    /// <param name="context">Its bytes, timestamp and key.</param>
    void Write(in T record, RecordContext context);

    /// <summary>The Step ends: what is gathered goes to the client, as far as it takes it.</summary>
    void EndStep();

    /// <summary>All written so far belongs to checkpoint <paramref name="checkpoint"/>; all from here on to the next one, and waits in a staging until the commit port releases it.</summary>
    void Switch(long checkpoint);

    /// <summary>Completes when all written so far is acknowledged; for sinks that are not transactional.</summary>
    ValueTask FlushAsync(CancellationToken cancellation);
}
