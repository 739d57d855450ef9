using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Fills a graph that does not run yet with what a checkpoint holds: keyed state, and in-flight records.</summary>
internal sealed class GraphRestore(ExecutionGraph graph, ICheckpointStorage storage, RestorePoint restore)
{
    /// <summary>Reads everything.</summary>
    /// <returns>Records in flight.</returns>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: a file is missing or damaged; the message names file and offset.</exception>
    public async Task<long> RunAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var stored in restore.Metadata!.Operators)
            {
                await RestoreStateAsync(stored, cancellation);
            }
            long records = 0;
            foreach (var edge in restore.Metadata.Edges)
            {
                records += await RestoreInFlightAsync(edge, cancellation);
            }
            return records;
        }
        catch (CheckpointStorageException broken) when (broken.Reason is StorageFailure.Damaged or StorageFailure.Missing)
        {
            throw RestorePoint.Broken(restore.CheckpointId, broken);
        }
    }

    private async Task RestoreStateAsync(OperatorMetadata stored, CancellationToken cancellation)
    {
        foreach (var subtask in stored.Subtasks.Where(subtask => subtask.State.Count > 0))
        {
            var state = graph.Find(stored.Id, subtask.Index).Operators.First(member => member.Id == stored.Id).State;
            await state!.RestoreAsync(storage, restore.Folder, subtask.State, cancellation);
        }
    }

    private async Task<long> RestoreInFlightAsync(EdgeMetadata edge, CancellationToken cancellation)
    {
        long records = 0;
        foreach (var stored in edge.Channels)
        {
            var channel = graph.FindChannel(edge.EdgeId, stored.From, stored.To)!;
            foreach (var segment in stored.Segments)
            {
                var payload = await SegmentReader.ReadAsync(storage, restore.Folder, segment.Handle, cancellation);
                channel.Consumer.AddRestored(channel, payload, segment.Records);
                records += segment.Records;
            }
        }
        return records;
    }
}
