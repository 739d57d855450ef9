using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weir.StateStore;

/// <summary>JSON that a person can read, whose first property is a checksum over all its other bytes.</summary>
internal static class SealedJson
{
    private const string Placeholder = "00000000";

    private static readonly byte[] Opening = Encoding.UTF8.GetBytes($$"""{"checksum":"{{Placeholder}}",""");

    // Where the digits lie in the opening.
    private const int DigitsStart = 13;

    public static byte[] Write<T>(T content, JsonTypeInfo<T> type)
    {
        byte[] plain = JsonSerializer.SerializeToUtf8Bytes(content, type);
        Invariant.Holds(plain.Length > 2);
        Invariant.Holds(plain[0] == '{');
        byte[] sealed_ = [.. Opening, .. plain.AsSpan(1)];
        Encoding.ASCII.GetBytes(Digits(Crc32C.Of(sealed_)), sealed_.AsSpan(DigitsStart));
        return sealed_;
    }

    /// <summary>Reads what <see cref="Write{T}"/> wrote.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="bytesMax">More than this is refused unread.</param>
    /// <param name="version">The format's version that this program reads; the content's property <c>version</c>.</param>
    /// <param name="what">What it is, for messages, e.g. the file's name.</param>
    /// <param name="type">The content's type.</param>
    public static T Read<T>(ReadOnlySpan<byte> bytes, int bytesMax, int version, string what, JsonTypeInfo<T> type)
        where T : class
    {
        if (bytes.Length > bytesMax)
        {
            throw Damaged(what, $"it has {bytes.Length} bytes; {bytesMax} is the most");
        }
        CheckSeal(bytes, what);
        try
        {
            CheckVersion(bytes, version, what);
            return JsonSerializer.Deserialize(bytes, type) ?? throw Damaged(what, "it is empty");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException or KeyNotFoundException)
        {
            throw Damaged(what, e.Message, e);
        }
    }

    private static void CheckSeal(ReadOnlySpan<byte> bytes, string what)
    {
        int digitsEnd = DigitsStart + Placeholder.Length;
        if (bytes.Length < Opening.Length || !bytes[..DigitsStart].SequenceEqual(Opening.AsSpan(0, DigitsStart))
            || !bytes[digitsEnd..Opening.Length].SequenceEqual(Opening.AsSpan(digitsEnd)))
        {
            throw Damaged(what, "it does not start with a checksum");
        }
        string computed = Digits(Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Start, Opening), bytes[Opening.Length..])));
        string stored = Encoding.Latin1.GetString(bytes[DigitsStart..digitsEnd]);
        if (stored != computed)
        {
            throw Damaged(what, $"its checksum is {computed}, it says {stored}");
        }
    }

    private static void CheckVersion(ReadOnlySpan<byte> bytes, int version, string what)
    {
        int found = VersionOf(bytes);
        if (found != version)
        {
            throw new CheckpointStorageException(
                StorageFailure.OtherFormat, what, $"{what} has format version {found}, this program reads {version}: start the release that wrote it.");
        }
    }

    private static int VersionOf(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isVersion = reader.ValueTextEquals("version"u8);
            reader.Read();
            if (isVersion)
            {
                return reader.TryGetInt32(out int version) ? version : throw new JsonException("its version is no whole number");
            }
            reader.Skip();
        }
        throw new JsonException("it has no version");
    }

    private static string Digits(uint crc) => crc.ToString("x8", CultureInfo.InvariantCulture);

    private static CheckpointStorageException Damaged(string what, string fault, Exception? inner = null) =>
        new(StorageFailure.Damaged, what, $"{what} is damaged: {fault}.", inner);
}
