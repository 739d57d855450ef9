using System.Text.Json.Serialization;

namespace Weir.StateStore;

/// <summary>One edge's in-flight data in a checkpoint.</summary>
public sealed record EdgeMetadata
{
    /// <summary>The edge, named by its operators.</summary>
    public required string EdgeId { get; init; }

    /// <summary>How records got across: <c>Hash</c>, <c>Rebalance</c> ..; null where the program that wrote it did not say.</summary>
    public string? Kind { get; init; }

    /// <summary>Name and version of the records' bytes.</summary>
    public required CodecId RecordCodec { get; init; }

    /// <summary>The channels that had any.</summary>
    public IReadOnlyList<ChannelMetadata> Channels { get; init; } = [];

    /// <summary>Its records in flight.</summary>
    [JsonIgnore]
    public long Records => Channels.SelectMany(channel => channel.Segments).Sum(segment => segment.Records);
}

/// <summary>One channel's in-flight data in a checkpoint.</summary>
public sealed record ChannelMetadata
{
    /// <summary>The subtask that wrote it.</summary>
    public required int From { get; init; }

    /// <summary>The subtask that was to read it, and stored it.</summary>
    public required int To { get; init; }

    /// <summary>Which layer they belong to: all of one layer is read before anything of the next. What was restored and still unread lies before what came over the channels since.</summary>
    public int Layer { get; init; }

    /// <summary>The segments, in the order of the channel.</summary>
    public IReadOnlyList<InFlightSegment> Segments { get; init; } = [];
}

/// <summary>A segment with records that a barrier overtook.</summary>
public sealed record InFlightSegment
{
    /// <summary>Where they lie.</summary>
    public required SegmentHandle Handle { get; init; }

    /// <summary>How many records.</summary>
    public required long Records { get; init; }

    /// <summary>How many bytes of payload.</summary>
    public required long Bytes { get; init; }
}
