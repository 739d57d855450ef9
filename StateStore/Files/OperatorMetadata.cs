namespace Weir.StateStore;

/// <summary>One operator in a checkpoint.</summary>
public sealed record OperatorMetadata
{
    /// <summary>The operator's id: it is what restores.</summary>
    public required string Id { get; init; }

    /// <summary>Into how many subtasks it was divided.</summary>
    public required int Parallelism { get; init; }

    /// <summary>The subtasks, by index.</summary>
    public IReadOnlyList<SubtaskMetadata> Subtasks { get; init; } = [];
}

/// <summary>One subtask of an operator in a checkpoint.</summary>
public sealed record SubtaskMetadata
{
    /// <summary>Which one, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Whether it had processed all its input; what stands here is then its last state.</summary>
    public bool Finished { get; init; }

    /// <summary>What it reads, if it is a source's.</summary>
    public IReadOnlyList<SplitMetadata> Splits { get; init; } = [];

    /// <summary>Its keyed state.</summary>
    public IReadOnlyList<KeyedStatePart> State { get; init; } = [];

    /// <summary>What it keeps apart from any key.</summary>
    public IReadOnlyList<OperatorStatePart> OperatorState { get; init; } = [];

    /// <summary>The watermark that it had handed on, if it is the last of its task: ms since 1970, the largest number at its end; null where there was none.</summary>
    public long? Watermark { get; init; }

    /// <summary>The watermarks of all its channels, as far as they were processed, if it is the first of its task; null where none had any.</summary>
    public IReadOnlyList<ReceivedWatermark>? ReceivedWatermarks { get; init; }
}

/// <summary>How far event time had come on one channel.</summary>
public sealed record ReceivedWatermark
{
    /// <summary>The edge, named by its operators.</summary>
    public required string EdgeId { get; init; }

    /// <summary>The subtask that wrote it.</summary>
    public required int From { get; init; }

    /// <summary>In ms since 1970; the smallest number where none had come, the largest where the channel's end was read.</summary>
    public required long Watermark { get; init; }

    /// <summary>Whether its producer brought nothing from there on, so that event time went on without it; null for no.</summary>
    public bool? IsIdle { get; init; }
}

/// <summary>A part of a source's input, and how far it was read.</summary>
public sealed record SplitMetadata
{
    /// <summary>The source's operator id.</summary>
    public required string Source { get; init; }

    /// <summary>The split's name, e.g. topic and partition.</summary>
    public required string Split { get; init; }

    /// <summary>The next to read, e.g. an offset.</summary>
    public required long Position { get; init; }

    /// <summary>The first not to be read; null where there is no end.</summary>
    public long? StopAt { get; init; }

    /// <summary>What the end was resolved by, in the source's words; null where it says nothing.</summary>
    public string? StopRule { get; init; }

    /// <summary>Whether its end was reached.</summary>
    public bool Done { get; init; }
}

/// <summary>A segment with entries of one state, of neighbouring key groups.</summary>
public sealed record KeyedStatePart
{
    /// <summary>The state's name.</summary>
    public required string StateName { get; init; }

    /// <summary>Name and version of the key's bytes and hash.</summary>
    public required CodecId KeyCodec { get; init; }

    /// <summary>Name and version of the value's bytes.</summary>
    public required CodecId ValueCodec { get; init; }

    /// <summary>The first key group it has entries of.</summary>
    public required int KeyGroupFirst { get; init; }

    /// <summary>The last one; the next part may go on with it.</summary>
    public required int KeyGroupLast { get; init; }

    /// <summary>Where the entries lie.</summary>
    public required SegmentHandle Handle { get; init; }

    /// <summary>How many entries.</summary>
    public required long Entries { get; init; }
}

/// <summary>A segment with entries of one operator state.</summary>
public sealed record OperatorStatePart
{
    /// <summary>The state's name.</summary>
    public required string StateName { get; init; }

    /// <summary>Who gets what of it.</summary>
    public required OperatorStateKind Kind { get; init; }

    /// <summary>Name and version of the value's bytes.</summary>
    public required CodecId ValueCodec { get; init; }

    /// <summary>Name and version of the key's bytes; null where it has no keys.</summary>
    public CodecId? KeyCodec { get; init; }

    /// <summary>Where the entries lie.</summary>
    public required SegmentHandle Handle { get; init; }

    /// <summary>How many entries.</summary>
    public required int Entries { get; init; }
}
