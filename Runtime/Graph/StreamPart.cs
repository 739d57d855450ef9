namespace Weir.Runtime.Graph;

/// <summary>What one operator emits: shared by all streams that begin there.</summary>
internal sealed class StreamOutput<T>(OperatorNode node, OutputTag<T>? tag = null)
{
    public OperatorNode Node { get; } = node;

    /// <summary>Which side output it is; null for the main one.</summary>
    public OutputTag<T>? Tag { get; } = tag;

    /// <summary>How its records are stored in flight, where that was said.</summary>
    public Codec<T>? Codec { get; set; }

    /// <summary>Where an operator hands on what it took: what it took it from.</summary>
    public StreamOutput<T>? Before { get; set; }

    public Codec<T>? FindCodec(CodecRegistry codecs) => Codec ?? Before?.FindCodec(codecs) ?? codecs.Find<T>();
}

/// <summary>One of the outputs that a stream consists of, and how it reaches the next operator.</summary>
internal readonly record struct StreamPart<T>(StreamOutput<T> Output, Partitioning<T> Partitioning);
