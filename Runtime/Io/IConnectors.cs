using Microsoft.Extensions.Logging;

namespace Weir.Runtime;

/// <summary>Opens what a job's graph describes: Kafka, or a simulated log.</summary>
public interface IConnectorFactory
{
    /// <summary>Opens the connectors of one attempt of a job; no I/O happens here.</summary>
    IConnectors Open(ConnectorContext context);
}

/// <summary>The connectors of one attempt of a job; disposed with it.</summary>
public interface IConnectors : IAsyncDisposable
{
    /// <summary>How this job's checkpoints become the ones that count.</summary>
    ICheckpointCommit Commit { get; }

    /// <summary>Opens a source that reads a log.</summary>
    ISource<T> OpenSource<T>(LogSource<T> source);

    /// <summary>Opens a sink that writes a log.</summary>
    ISink<T> OpenSink<T>(LogSink<T> sink);
}

/// <summary>What connectors are opened with.</summary>
public sealed record ConnectorContext
{
    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The slot: 0 while a job has one.</summary>
    public required int Slot { get; init; }

    /// <summary>One for each Start, never used again.</summary>
    public required string LifeId { get; init; }

    /// <summary>Whether any sink of the job is transactional by its description.</summary>
    public required bool HasLogSink { get; init; }

    /// <summary>Whether any source or sink of the job is a log at all; a job without one commits in its checkpoint folder.</summary>
    public required bool HasLog { get; init; }

    /// <summary>Whether an earlier attempt of this process already ran: then nothing gives up waiting for a broker.</summary>
    public required bool IsRestart { get; init; }

    /// <summary>The checkpoint interval; with the timeout it gives the age a transaction may reach.</summary>
    public required TimeSpan CheckpointInterval { get; init; }

    /// <summary>The checkpoint timeout.</summary>
    public required TimeSpan CheckpointTimeout { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where to log.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Ends the attempt: something failed outside of any call. From any thread.</summary>
    public required Action<Exception> Fail { get; init; }

    /// <summary>
    /// Takes how long a source's part of the last checkpoint is still kept by its log; null where no end is in sight. The source is given by name. Below
    /// <see cref="SlackLevel.Fine"/> the job takes a checkpoint at once, which does not wait for barriers: one, however often it is told before that ends. From any thread.
    /// </summary>
    public required Action<string, RestartSlack?> NoteSlack { get; init; }
}
