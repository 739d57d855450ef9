using Microsoft.Extensions.Logging;
using Weir.StateStore;

namespace Weir.Runtime.Operators;

/// <summary>What the operators of one subtask are built with.</summary>
internal sealed class SubtaskContext
{
    public required int Subtask { get; init; }

    public required int Parallelism { get; init; }

    public required int MaxParallelism { get; init; }

    /// <summary>What goes with the record in hand; shared by the whole chain.</summary>
    public required RecordContext Record { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Wakes the subtask; from any thread.</summary>
    public required Action Wake { get; init; }

    public required CodecRegistry Codecs { get; init; }

    /// <summary>Makes users' operators; null gives them only what the engine has.</summary>
    public required IServiceProvider? Services { get; init; }

    /// <summary>The sinks that are open in this attempt, by their operators' ids.</summary>
    public required IReadOnlyDictionary<string, OpenedSink> Sinks { get; init; }

    public required ILogger Logger { get; init; }
}
