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
        foreach (var stored in restore.Metadata!.Operators)
        {
            _ = await Whole($"State of operator '{stored.Id}'", RestoreStateAsync(stored, cancellation));
        }
        long records = 0;
        foreach (var edge in restore.Metadata.Edges)
        {
            records += await Whole($"In-flight records of edge '{edge.EdgeId}'", RestoreInFlightAsync(edge, cancellation));
        }
        return records;
    }

    /// <summary>Says whose bytes are not as they were written, where they are not.</summary>
    private async Task<long> Whole(string what, Task<long> restoring)
    {
        try
        {
            return await restoring;
        }
        catch (CheckpointStorageException broken) when (broken.Reason is StorageFailure.Damaged or StorageFailure.Missing)
        {
            throw RestorePoint.Broken(restore.CheckpointId, $"{what}: {broken.Message}", broken);
        }
        catch (CodecException broken)
        {
            throw RestorePoint.Broken(restore.CheckpointId, $"{what}: {broken.Message}", broken);
        }
    }

    private async Task<long> RestoreStateAsync(OperatorMetadata stored, CancellationToken cancellation)
    {
        // Each subtask takes its key groups, whichever subtasks had them; what is apart from keys is dealt as its kind says.
        List<KeyedStatePart> keyed = [.. stored.Subtasks.SelectMany(subtask => subtask.State)];
        List<IReadOnlyList<OperatorStatePart>> apart = [.. stored.Subtasks.Select(subtask => subtask.OperatorState)];
        if (keyed.Count == 0 && apart.TrueForAll(parts => parts.Count == 0))
        {
            return 0;
        }
        int parallelism = graph.Plan.Operators.First(node => node.Id == stored.Id).Parallelism;
        for (int index = 0; index < parallelism; index++)
        {
            var member = graph.Find(stored.Id, index).Operators.First(member => member.Id == stored.Id);
            if (member.State is { } state)
            {
                await state.RestoreAsync(storage, restore.Folder, keyed, cancellation);
            }
            if (member.OperatorState is { } operatorState)
            {
                await operatorState.RestoreAsync(storage, restore.Folder, apart, (index, parallelism), cancellation);
            }
        }
        return keyed.Sum(part => part.Entries);
    }

    private async Task<long> RestoreInFlightAsync(EdgeMetadata stored, CancellationToken cancellation)
    {
        var edge = graph.Plan.Edges.First(edge => edge.Id == stored.EdgeId);
        var router = RestorePlan.IsRescaled(edge, restore.Metadata!) ? edge.CreateRouter(graph.Plan.Settings.MaxParallelism) : null;
        long records = 0;
        // Of one key the old producer is the same, so its records stay in order, whatever channels they now count for.
        foreach (var channel in stored.Channels.OrderBy(channel => channel.Layer).ThenBy(channel => channel.From).ThenBy(channel => channel.To))
        {
            foreach (var segment in channel.Segments)
            {
                var payload = await SegmentReader.ReadAsync(storage, restore.Folder, segment.Handle, cancellation);
                var dealt = router is null ? [(channel.To, payload, segment.Records)] : router.Route(channel.From, payload);
                foreach (var (to, part, count) in dealt)
                {
                    var live = graph.FindChannel(edge.Id, router is null ? channel.From : channel.From % edge.From.Parallelism, to)!;
                    live.Consumer.AddRestored(live, channel.Layer, part);
                }
                records += segment.Records;
            }
        }
        return records;
    }
}
