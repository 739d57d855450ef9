using System.Globalization;

namespace Weir.StateStore;

/// <summary>A segment that a checkpoint is not whole without.</summary>
/// <param name="Owner">Whose bytes they are, for people: the operator's state, or the edge's records in flight.</param>
/// <param name="Handle">Where it lies.</param>
public readonly record struct NeededSegment(string Owner, SegmentHandle Handle);

/// <summary>All segments that a checkpoint is not whole without. Pure.</summary>
public static class NeededSegments
{
    /// <summary>In the order in which they are best read: file by file, and each from its beginning.</summary>
    public static IReadOnlyList<NeededSegment> Of(CheckpointMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return
        [
            .. OfState(metadata).Concat(InFlight(metadata))
                .OrderBy(segment => segment.Handle.File, StringComparer.Ordinal).ThenBy(segment => segment.Handle.Offset),
        ];
    }

    /// <summary>Bytes of state, of keys and apart from them.</summary>
    public static long StateBytes(CheckpointMetadata metadata) => OfState(metadata).Sum(segment => (long)segment.Handle.Length);

    /// <summary>Bytes of records in flight, wherever they lie.</summary>
    public static long InFlightBytes(CheckpointMetadata metadata) => InFlight(metadata).Sum(segment => (long)segment.Handle.Length);

    private static IEnumerable<NeededSegment> OfState(CheckpointMetadata metadata) =>
        from one in metadata.Operators
        from subtask in one.Subtasks
        from part in subtask.State.Select(part => (part.StateName, part.Handle)).Concat(subtask.OperatorState.Select(part => (part.StateName, part.Handle)))
        select new NeededSegment(string.Create(CultureInfo.InvariantCulture, $"State '{part.StateName}' of operator '{one.Id}', subtask {subtask.Index}"), part.Handle);

    private static IEnumerable<NeededSegment> InFlight(CheckpointMetadata metadata) =>
        from edge in metadata.Edges
        from channel in edge.Channels
        from segment in channel.Segments
        select new NeededSegment(string.Create(CultureInfo.InvariantCulture, $"In-flight records of edge '{edge.EdgeId}', subtask {channel.From} to {channel.To}"), segment.Handle);
}
