using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weir;

/// <summary>Values as compact JSON, by metadata that the source generator made.</summary>
internal sealed class JsonCodec<T>(JsonTypeInfo<T> type, CodecId id) : Codec<T>
{
    // One writer a thread: a codec holds no buffers, and a new writer for each value would be garbage on the record path.
    [ThreadStatic]
    private static Utf8JsonWriter? s_idleWriter;

    /// <summary><c>json.</c> and the type's name in lower case; of a generic type without the number of its parameters.</summary>
    internal static string DefaultName
    {
        get
        {
            string name = typeof(T).Name;
            int tick = name.IndexOf('`', StringComparison.Ordinal);
#pragma warning disable CA1308 // A stored name, not a comparison: lower case is its spelling.
            return "json." + (tick < 0 ? name : name[..tick]).ToLowerInvariant();
#pragma warning restore CA1308
        }
    }

    public override CodecId Id => id;

    public override void Encode(in T value, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        var writer = s_idleWriter;
        s_idleWriter = null; // A converter may call a codec while this one writes.
        if (writer is null)
        {
            writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        }
        else
        {
            writer.Reset(output);
        }
        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();
        writer.Reset(Nothing);
        s_idleWriter = writer;
    }

    public override T Decode(ReadOnlySpan<byte> encoded)
    {
        try
        {
            return JsonSerializer.Deserialize(encoded, type)!;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new CodecException(Id, e.Message, e);
        }
    }

    /// <summary>What an idle writer refers to, so that it keeps no batch's arena alive.</summary>
    private static readonly ByteArena Nothing = new();
}
