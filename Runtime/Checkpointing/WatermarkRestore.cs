using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Gives the channels and subtasks of a graph that does not run yet the watermarks that a checkpoint holds.</summary>
/// <remarks>
/// What was not dealt anew goes on exactly as it was. Of an edge that is, every channel has the lowest watermark of all old ones, since a record may now come from any of them; and where
/// a subtask therefore begins lower than it had been, so do the channels behind it, lest a record that it takes for on time be late there. Those channels' stored watermarks are left out.
/// An edge that the checkpoint does not have begins without a watermark.
/// An input that had ended is at <see cref="long.MaxValue"/>; where a source goes on after all, its end counts for nothing: it begins lower than it had been, and so do the channels behind it.
/// </remarks>
internal sealed class WatermarkRestore(ExecutionGraph graph, RestorePoint restore)
{
    private readonly CheckpointMetadata _metadata = restore.Metadata!;
    private readonly HashSet<Channel> _begunAnew = [];
    private readonly HashSet<SubtaskId> _readLess = [];
    private readonly bool _goesOn = GoesOn(restore);

    /// <summary>Restores all of them; operators' states are restored already.</summary>
    public void Run()
    {
        if (!_metadata.Operators.SelectMany(stored => stored.Subtasks).Any(subtask => subtask.Watermark is not null || subtask.ReceivedWatermarks is not null))
        {
            return;
        }
        var received = Received();
        var channelsOf = graph.Channels.ToLookup(channel => (channel.Id.Edge, channel.Id.From));
        foreach (var subtask in graph.Subtasks) // Producers first, so that all channels into a subtask have theirs.
        {
            var task = graph.Plan.Tasks[subtask.Id.Task];
            long had = HandedOn(task, subtask.Id.Index);
            subtask.RestoreWatermark(hasEnded: had == long.MaxValue && !_goesOn && subtask.IsSource);
            foreach (var edge in task.OutEdges)
            {
                long watermark = subtask.WatermarkAt(task.PlaceOf(edge));
                bool isLower = edge.Tag is null ? watermark < had : ReadsLess(subtask, had);
                bool isDealt = RestorePlan.MustDeal(graph.Plan, edge, _metadata);
                long? lowest = isDealt ? LowestOf(edge, received) : null;
                foreach (var channel in channelsOf[(edge.Id, subtask.Id.Index)])
                {
                    var was = received.GetValueOrDefault(channel.Id, (Watermark: long.MinValue, IsIdle: false));
                    if (isDealt || isLower)
                    {
                        _begunAnew.Add(channel);
                        _readLess.Add(new SubtaskId(edge.To.Index, channel.Id.To));
                        _ = channel.Advance(Math.Min(lowest ?? was.Watermark, watermark), isIdle: false);
                    }
                    else
                    {
                        _ = channel.Advance(was.Watermark, was.IsIdle);
                    }
                }
            }
        }
    }

    /// <summary>Whether the watermarks that were stored with the channel's records still say what they said.</summary>
    public bool Keeps(Channel channel) => !_begunAnew.Contains(channel);

    /// <summary>Whether a source has more to read that had finished, or something that is new.</summary>
    private static bool GoesOn(RestorePoint restore)
    {
        var unfinished = restore.Metadata!.Operators.SelectMany(stored => stored.Subtasks).Where(subtask => !subtask.Finished).SelectMany(subtask => subtask.Splits).Select(split => (split.Source, split.Split)).ToHashSet();
        return restore.Positions.Any(one => one.Splits.Any(split => !unfinished.Contains((one.Source, split.Split)) && !(split.Position >= split.StopAt)));
    }

    private Dictionary<ChannelId, (long Watermark, bool IsIdle)> Received() =>
    (
        from stored in _metadata.Operators
        from subtask in stored.Subtasks
        from one in subtask.ReceivedWatermarks ?? []
        select (Channel: new ChannelId(one.EdgeId, one.From, subtask.Index), Watermark: Believed(one.Watermark), IsIdle: one.IsIdle ?? false)).ToDictionary(one => one.Channel, one => (one.Watermark, one.IsIdle));

    /// <summary>Whether a subtask that had ended goes on, or one of its channels begins lower: then so does a side output in front of a generator, of which nothing is stored.</summary>
    private bool ReadsLess(Subtask subtask, long had) => (_goesOn && had == long.MaxValue) || _readLess.Contains(subtask.Id);

    /// <summary>The lowest of all old channels of an edge. A subtask stores those of all its channels, or none.</summary>
    private long LowestOf(EdgePlan edge, Dictionary<ChannelId, (long Watermark, bool IsIdle)> received)
    {
        int consumers = _metadata.Operators.FirstOrDefault(stored => stored.Id == edge.To.Head.Id)?.Parallelism ?? 0;
        var old = received.Where(one => one.Key.Edge == edge.Id).ToList();
        return consumers > 0 && old.Select(one => one.Key.To).Distinct().Count() == consumers ? old.Min(one => one.Value.Watermark) : long.MinValue;
    }

    private long HandedOn(TaskPlan task, int index) =>
        _metadata.Operators.FirstOrDefault(stored => stored.Id == task.Tail.Id) is { } stored && stored.Parallelism == task.Parallelism
            ? stored.Subtasks.FirstOrDefault(subtask => subtask.Index == index)?.Watermark ?? long.MinValue
            : long.MinValue;

    private long Believed(long watermark) => _goesOn && watermark == long.MaxValue ? long.MinValue : watermark;
}
