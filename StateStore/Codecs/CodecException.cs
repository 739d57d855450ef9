namespace Weir;

/// <summary>Stored bytes are not what the codec that is to read them writes.</summary>
public sealed class CodecException : Exception
{
    /// <summary>Says which codec refused, and why.</summary>
    public CodecException(CodecId codec, string reason, Exception? inner = null)
        : base($"Codec {codec}: {reason}", inner) => Codec = codec;

    /// <summary>The codec that refused.</summary>
    public CodecId Codec { get; }
}
