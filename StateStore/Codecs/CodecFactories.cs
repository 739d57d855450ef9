using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace Weir;

/// <summary>The codecs that come with Weir.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "A codec is called by the type it is for.")]
public static class Codec
{
    /// <summary>32-bit numbers, little-endian.</summary>
    public static Codec<int> Int32 { get; } = new FixedCodec<int>(new("weir.int32", 1));

    /// <summary>64-bit numbers, little-endian.</summary>
    public static Codec<long> Int64 { get; } = new FixedCodec<long>(new("weir.int64", 1));

    /// <summary>IEEE 754 double precision, little-endian.</summary>
    public static Codec<double> Double { get; } = new FixedCodec<double>(new("weir.double", 1));

    /// <summary>One byte, 0 or 1.</summary>
    public static Codec<bool> Boolean { get; } = new BooleanCodec();

    /// <summary>The sixteen bytes as .NET keeps them in memory.</summary>
    public static Codec<Guid> Guid { get; } = new FixedCodec<Guid>(new("weir.guid", 1));

    /// <summary>Text as UTF-8. A string that is no valid UTF-16 is refused, not repaired.</summary>
    public static Codec<string> Utf8 { get; } = new Utf8Codec();

    /// <summary>Bytes as they are; decoding copies them.</summary>
    public static Codec<byte[]> Bytes { get; } = new BytesCodec();

    /// <summary>Structs without references, stored as their memory.</summary>
    /// <typeparam name="T">
    /// Has a fixed layout: adding, removing or moving a field changes the bytes and asks for a new version. Padding is stored, too, so declare none.
    /// </typeparam>
    /// <param name="id">Name and version of the layout.</param>
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public static Codec<T> Fixed<T>(CodecId id)
        where T : unmanaged => new FixedCodec<T>(id);

    /// <summary>System.Text.Json with metadata from its source generator.</summary>
    /// <param name="type">From a <c>JsonSerializerContext</c>.</param>
    /// <param name="name">The codec's name; by default <c>json.</c> and the type's name in lower case, so give one before you rename the type.</param>
    /// <param name="version">Raised when old JSON can no longer be read.</param>
    public static Codec<T> Json<T>(JsonTypeInfo<T> type, string? name = null, int version = 1)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new JsonCodec<T>(type, new CodecId(name ?? JsonCodec<T>.DefaultName, version));
    }
}
