using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Fills a graph that does not run yet with what a checkpoint holds: keyed state, watermarks, and in-flight records.</summary>
internal sealed class GraphRestore(ExecutionGraph graph, ICheckpointStorage storage, RestorePoint restore)
{
    private readonly KeyGroups _storedGroups = new(restore.Metadata!.MaxParallelism);
    private readonly WatermarkRestore _watermarks = new(graph, restore);
    private IReadOnlySet<string> _referable = null!;
    private long _inFlight;

    /// <summary>Reads everything.</summary>
    /// <returns>Records in flight.</returns>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: a file is missing, damaged, or of another release's format; the message names file and offset.</exception>
    public async Task<long> RunAsync(CancellationToken cancellation)
    {
        foreach (var stored in restore.Metadata!.Operators.Where(stored => graph.Plan.Operators.Any(node => node.Id == stored.Id)))
        {
            await Whole($"State of operator '{stored.Id}'", RestoreStateAsync(stored, cancellation));
        }
        _watermarks.Run();
        IReadOnlyList<EdgeMetadata> edges = restore.DropsInFlight ? [] : [.. restore.Metadata.Edges.Where(HasEdge)];
        _referable = ReferenceChoice.Choose(CheckpointPaths.SlotFolder(restore.Metadata.Job, restore.Metadata.Slot), restore.Folder, [.. edges.Where(IsAsStored)], graph.Plan.Settings);
        foreach (var edge in edges)
        {
            await Whole($"In-flight records of edge '{edge.EdgeId}'", RestoreInFlightAsync(edge, cancellation));
        }
        return _inFlight;
    }

    /// <summary>Says whose bytes are not as they were written, where they are not.</summary>
    private async Task Whole(string what, Task restoring)
    {
        try
        {
            await restoring;
        }
        catch (Exception broken) when (broken is CodecException or CheckpointStorageException { Reason: StorageFailure.Damaged or StorageFailure.Missing or StorageFailure.OtherFormat })
        {
            throw RestorePoint.Broken(restore.CheckpointId, $"{what}: {broken.Message}", broken);
        }
    }

    private async Task RestoreStateAsync(OperatorMetadata stored, CancellationToken cancellation)
    {
        // Each subtask takes its key groups, whichever subtasks had them; what is apart from keys is dealt as its kind says.
        List<KeyedStatePart> keyed = [.. stored.Subtasks.SelectMany(subtask => subtask.State)];
        List<IReadOnlyList<OperatorStatePart>> apart = [.. stored.Subtasks.Select(subtask => subtask.OperatorState)];
        if (keyed.Count == 0 && apart.TrueForAll(parts => parts.Count == 0))
        {
            return;
        }
        int parallelism = graph.Plan.Operators.First(node => node.Id == stored.Id).Parallelism;
        for (int index = 0; index < parallelism; index++)
        {
            var member = graph.Find(stored.Id, index).Operators.First(member => member.Id == stored.Id);
            if (member.State is { } state)
            {
                await state.RestoreAsync(storage, restore.Folder, keyed, _storedGroups, cancellation);
            }
            if (member.OperatorState is { } operatorState)
            {
                await operatorState.RestoreAsync(storage, restore.Folder, apart, (index, parallelism), cancellation);
            }
        }
    }

    private async Task RestoreInFlightAsync(EdgeMetadata stored, CancellationToken cancellation)
    {
        var edge = EdgeOf(stored);
        var router = edge.CreateRouter(graph.Plan.Settings.MaxParallelism);
        bool mustDeal = RestorePlan.MustDeal(graph.Plan, edge, restore.Metadata!);
        bool isAsStored = IsAsStored(stored);
        bool hadKeys = stored.Kind is null or nameof(EdgeKind.Hash);
        var upgrade = graph.Plan.Codecs.FindUpgrade(stored.RecordCodec, edge.CodecId);
        // Of one key the old producer is the same, so its records stay in order, whatever channels they now count for.
        foreach (var channel in stored.Channels.OrderBy(channel => channel.Layer).ThenBy(channel => channel.From).ThenBy(channel => channel.To))
        {
            foreach (var segment in channel.Segments)
            {
                var payload = await SegmentReader.ReadAsync(storage, restore.Folder, segment.Handle, cancellation);
                if (upgrade is not null)
                {
                    payload = RecordFormat.Upgrade(payload.Span, upgrade);
                }
                if (hadKeys && !router.HasSameKeys(payload))
                {
                    throw KeyedOtherwise(edge);
                }
                foreach (var (to, part) in mustDeal ? router.Route(channel.From, payload) : [(channel.To, payload)])
                {
                    var live = graph.FindChannel(edge.Id, mustDeal ? channel.From % edge.From.Parallelism : channel.From, to)!;
                    bool keepsAll = _watermarks.Keeps(live);
                    var kept = keepsAll ? part : RecordFormat.WithoutWatermarks(part.Span, edge.CodecId);
                    if (!kept.IsEmpty)
                    {
                        live.Consumer.AddRestored(live, channel.Layer, kept, isAsStored && keepsAll ? OriginOf(segment.Handle) : null);
                    }
                }
                _inFlight += segment.Records;
            }
        }
    }

    /// <summary>Whether the job has the edge; one that it has not had watermarks alone, or the plan would have been refused.</summary>
    private bool HasEdge(EdgeMetadata stored) => graph.Plan.Edges.Any(edge => edge.Id == stored.EdgeId);

    private EdgePlan EdgeOf(EdgeMetadata stored) => graph.Plan.Edges.First(edge => edge.Id == stored.EdgeId);

    /// <summary>Whether its records go back to the channels that had them, as the bytes they are.</summary>
    private bool IsAsStored(EdgeMetadata stored) =>
        EdgeOf(stored) is var edge && edge.CodecId == stored.RecordCodec && !RestorePlan.MustDeal(graph.Plan, edge, restore.Metadata!);

    /// <summary>Where a segment lies, as the checkpoints that follow may say it; null where they may not.</summary>
    private SegmentHandle? OriginOf(SegmentHandle handle)
    {
        string file = CheckpointPaths.FromBeside(restore.Folder, handle.File);
        return CheckpointPaths.ReferencedFolder(file) is { } folder && _referable.Contains(folder) ? handle with { File = file } : null;
    }

    private static JobException KeyedOtherwise(EdgePlan edge) => new(
        JobFailure.Configuration,
        $"In-flight records of edge '{edge.Id}' have other keys than they were stored with: what KeyBy before '{edge.To.Head.Id}' reads has changed, and state is kept by the old keys. "
        + "Key as before, or start the job under a new name.");
}
