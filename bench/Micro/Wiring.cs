using Weir.Jobs;
using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>Makes the parts of a job that a bench needs around its subject.</summary>
internal static class Wiring
{
    /// <summary>What a gate has unless a job says otherwise.</summary>
    public static JobSettings Settings { get; } = new() { Name = "bench" };

    /// <summary>A subtask that takes what comes over some channels, and hands it to a chain.</summary>
    public static GateSubtask Subtask(
        IExecutor executor, Channel<LedgerEntry>[] inputs, Collector<LedgerEntry> head, RecordContext record, params IReadOnlyList<IOperator> operators)
    {
        var parts = new SubtaskParts
        {
            Id = new SubtaskId(0, 0),
            Name = "bench",
            Ordinal = 0,
            Executor = executor,
            Events = new FailingEvents(),
            Record = record,
            Operators = operators,
            Exits = [new WatermarkExit(operators.Count, [])],
            Sink = null,
            MaxInFlightBytes = long.MaxValue,
            Channels = new MemoryShare(),
        };
        var state = operators is [{ State: { } keyed }, ..] ? keyed : null;
        var subtask = new GateSubtask(parts, new InputGate<LedgerEntry>(inputs, head, state, record, new BatchPool<LedgerEntry>("restored")));
        subtask.Begin();
        return subtask;
    }

    /// <summary>A channel whose consumer is woken, and not stepped.</summary>
    public static Channel<LedgerEntry>[] Channels(int count)
    {
        var format = new RecordFormat<LedgerEntry>(LedgerCodec.Instance);
        return [.. Enumerable.Range(0, count).Select(to => new Channel<LedgerEntry>(new ChannelId("bench", 0, to)) { Format = format })];
    }

    // Of a subtask that is only fed, the one thing that it may say is that it failed.
    private sealed class FailingEvents : ISubtaskEvents
    {
        public void Ready(Subtask subtask, Checkpoint checkpoint) => throw Unexpected();

        public void Switched(Subtask subtask, Checkpoint checkpoint) => throw Unexpected();

        public void BarriersComplete(Subtask subtask, Checkpoint checkpoint) => throw Unexpected();

        public void Acknowledge(Checkpoint checkpoint, SubtaskSnapshot snapshot) => throw Unexpected();

        public void Decline(Subtask subtask, Checkpoint checkpoint, Exception failure) => throw Unexpected();

        public void Overflowed(Subtask subtask, Checkpoint checkpoint, string verdict) => throw Unexpected();

        public void Finished(Subtask subtask, long lastCheckpoint) => throw Unexpected();

        public void Failed(Subtask subtask, Exception failure) => throw new InvalidOperationException("The subject failed.", failure);

        public void FirstRecord()
        {
        }

        private static InvalidOperationException Unexpected() => new("A bench takes no checkpoint of a subtask, and ends no input.");
    }
}
