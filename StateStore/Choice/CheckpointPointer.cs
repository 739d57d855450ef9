using System.Text.Json.Serialization;

namespace Weir.StateStore;

/// <summary>Names the latest checkpoint that counts: the value of the record in the commits topic, or the content of <c>LATEST</c>.</summary>
/// <remarks>Pointer 0 stands for the start: it has no folder, but the positions from which every split is read. Protocol: EXACTLY_ONCE.md.</remarks>
public sealed record CheckpointPointer
{
    /// <summary>The format that this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>More is refused unread, and not written: 900 KB, below what a broker takes by default.</summary>
    public const int BytesMax = 900_000;

    /// <summary>The format.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The checkpoint's number; 0 for the start.</summary>
    public required long CheckpointId { get; init; }

    /// <summary>The checkpoint's folder in the storage; empty for the start.</summary>
    public required string Location { get; init; }

    /// <summary>The life that committed it.</summary>
    public required string LifeId { get; init; }

    /// <summary>The number of the pointer before it; null for the first.</summary>
    public long? PreviousId { get; init; }

    /// <summary>Of pointer 0: from where each split is read.</summary>
    public IReadOnlyList<StartPosition> StartPositions { get; init; } = [];

    /// <summary>The id of each topic that is read, by name: a topic that was deleted and made again is another one.</summary>
    public IReadOnlyDictionary<string, string> Topics { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it stands for the start.</summary>
    [JsonIgnore]
    public bool IsStart => Location.Length == 0;

    /// <summary>The pointer as UTF-8 JSON with a checksum.</summary>
    /// <exception cref="ArgumentException">It is larger than <see cref="BytesMax"/>, by too many start positions.</exception>
    public byte[] Serialize()
    {
        Invariant.Holds(IsStart == (CheckpointId == 0));
        byte[] bytes = SealedJson.Write(this, PointerJson.Default.CheckpointPointer);
        return bytes.Length <= BytesMax
            ? bytes
            : throw new ArgumentException(
                $"The pointer of checkpoint {CheckpointId} has {bytes.Length} bytes by its {StartPositions.Count} start positions; {BytesMax} is the most.");
    }

    /// <summary>Reads a pointer back.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="where">Where it was found, for messages.</param>
    /// <exception cref="CheckpointStorageException">
    /// <see cref="StorageFailure.Damaged"/>: checksum, size or content is wrong. <see cref="StorageFailure.OtherFormat"/>: another release's format.
    /// </exception>
    public static CheckpointPointer Parse(ReadOnlySpan<byte> bytes, string where)
    {
        var pointer = SealedJson.Read(bytes, BytesMax, CurrentVersion, where, PointerJson.Default.CheckpointPointer);
        return pointer.CheckpointId >= 0 && pointer.IsStart == (pointer.CheckpointId == 0)
            ? pointer
            : throw new CheckpointStorageException(StorageFailure.Damaged, where, $"{where} is damaged: checkpoint {pointer.CheckpointId} can't lie in '{pointer.Location}'.");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CheckpointPointer))]
internal sealed partial class PointerJson : JsonSerializerContext;
