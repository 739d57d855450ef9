using Weir.StateStore;

namespace Weir.Runtime.Checkpointing;

/// <summary>Copies a committed checkpoint, segment by segment and each verified, into a folder that needs no other one: a savepoint.</summary>
/// <remarks>
/// Entries keep the form they are stored in, key by key with their hashes, so that they may be divided among other key groups. The metadata is written last:
/// a copy that was cut short is none, and is replaced by the next one of its name.
/// </remarks>
internal sealed class SavepointWriter(ICheckpointStorage storage, string from, CheckpointMetadata checkpoint, string name)
{
    private long _bytes;
    private long _steps;

    /// <summary>Bytes of state and records so far. Any thread.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Segments copied so far: what shows that it gets on. Any thread.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>Writes it.</summary>
    /// <exception cref="CheckpointStorageException">Storage failed, the checkpoint is damaged, or there is a savepoint of that name.</exception>
    public async Task WriteAsync(string to, CancellationToken cancellation)
    {
        string metadata = CheckpointPaths.MetadataFile(to);
        if (await storage.LengthAsync(metadata, cancellation) is not null)
        {
            throw new CheckpointStorageException(StorageFailure.Refused, metadata, $"there is a savepoint '{name}' in {storage.Location} already: choose another name, or delete the folder {to}");
        }
        await storage.DeleteFolderAsync(to, cancellation); // What an earlier try left.
        var operators = await CopyAsync(to, CheckpointPaths.StateFile(0), checkpoint.Operators.Any(HoldsState), StateAsync, cancellation);
        var edges = await CopyAsync(to, CheckpointPaths.ChannelFile(0), checkpoint.Edges.Count > 0, InFlightAsync, cancellation);
        var savepoint = checkpoint with { Savepoint = name, Operators = operators ?? checkpoint.Operators, Edges = edges ?? [], References = [] };
        await storage.WriteAsync(metadata, savepoint.Serialize(), replace: false, cancellation);
    }

    private static bool HoldsState(OperatorMetadata one) => one.Subtasks.Any(subtask => subtask.State.Count + subtask.OperatorState.Count > 0);

    private async Task<T?> CopyAsync<T>(string to, string file, bool any, Func<SegmentWriter, CancellationToken, Task<T>> copy, CancellationToken cancellation)
        where T : class
    {
        if (!any)
        {
            return null;
        }
        await using var opened = await storage.CreateAsync(CheckpointPaths.Join(to, file), cancellation);
        var writer = new SegmentWriter(opened, file);
        var copied = await copy(writer, cancellation);
        await writer.FlushAsync(cancellation);
        await opened.CommitAsync(cancellation);
        return copied;
    }

    private async Task<IReadOnlyList<OperatorMetadata>> StateAsync(SegmentWriter writer, CancellationToken cancellation)
    {
        var operators = new List<OperatorMetadata>();
        foreach (var one in checkpoint.Operators)
        {
            var subtasks = new List<SubtaskMetadata>();
            foreach (var subtask in one.Subtasks)
            {
                var state = new List<KeyedStatePart>();
                foreach (var part in subtask.State)
                {
                    state.Add(part with { Handle = await SegmentAsync(writer, part.Handle, cancellation) });
                }
                var apart = new List<OperatorStatePart>();
                foreach (var part in subtask.OperatorState)
                {
                    apart.Add(part with { Handle = await SegmentAsync(writer, part.Handle, cancellation) });
                }
                subtasks.Add(subtask with { State = state, OperatorState = apart });
            }
            operators.Add(one with { Subtasks = subtasks });
        }
        return operators;
    }

    private async Task<IReadOnlyList<EdgeMetadata>> InFlightAsync(SegmentWriter writer, CancellationToken cancellation)
    {
        var edges = new List<EdgeMetadata>();
        foreach (var edge in checkpoint.Edges)
        {
            var channels = new List<ChannelMetadata>();
            foreach (var channel in edge.Channels)
            {
                var segments = new List<InFlightSegment>();
                foreach (var segment in channel.Segments)
                {
                    segments.Add(segment with { Handle = await SegmentAsync(writer, segment.Handle, cancellation) });
                }
                channels.Add(channel with { Segments = segments });
            }
            edges.Add(edge with { Channels = channels });
        }
        return edges;
    }

    private async Task<SegmentHandle> SegmentAsync(SegmentWriter writer, SegmentHandle handle, CancellationToken cancellation)
    {
        var payload = await SegmentReader.ReadAsync(storage, from, handle, cancellation);
        var copied = await writer.AppendAsync([payload], cancellation);
        _bytes += payload.Length;
        _steps++;
        return copied;
    }
}
