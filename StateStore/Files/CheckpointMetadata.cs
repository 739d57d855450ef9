using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weir.StateStore;

/// <summary>What a checkpoint consists of: the content of <c>_metadata</c>, which is written last.</summary>
/// <remarks>
/// JSON that a person can read; its first property is a checksum over all other bytes. It says <em>prepared</em>; what makes the checkpoint
/// count is told in EXACTLY_ONCE.md. File names are relative to the checkpoint's folder; a file of another checkpoint starts with <c>../</c> and its folder.
/// </remarks>
public sealed record CheckpointMetadata
{
    /// <summary>The format that this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>More is refused unread: 256 MiB, about a million handles.</summary>
    public const int BytesMax = 256 << 20;

    /// <summary>The format of this file.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The slot, from 0.</summary>
    public required int Slot { get; init; }

    /// <summary>The checkpoint's number.</summary>
    public required long CheckpointId { get; init; }

    /// <summary>The life that took it.</summary>
    public required string LifeId { get; init; }

    /// <summary><c>aligned</c> or <c>unaligned</c>: how it ended, not how it began.</summary>
    public required string Mode { get; init; }

    /// <summary>The savepoint's name, where it is a copy that the operator keeps; null for a checkpoint.</summary>
    public string? Savepoint { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset TriggeredAt { get; init; }

    /// <summary>When the last subtask had acknowledged.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The Kafka cluster it belongs to; null for a job without Kafka.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The id of each topic it reads, by name: a topic that was deleted and made again is another one.</summary>
    public IReadOnlyDictionary<string, string> Topics { get; init; } = new Dictionary<string, string>();

    /// <summary>Into how many key groups keys are divided; changes only with a savepoint.</summary>
    public required int MaxParallelism { get; init; }

    /// <summary>Every operator with its state and positions.</summary>
    public IReadOnlyList<OperatorMetadata> Operators { get; init; } = [];

    /// <summary>Edges with in-flight data; the others are left out.</summary>
    public IReadOnlyList<EdgeMetadata> Edges { get; init; } = [];

    /// <summary>Names of other checkpoints' folders whose files this one needs, without the folders above.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>What it took until this was written; null where the program that wrote it did not say.</summary>
    public ReportMetadata? Report { get; init; }

    /// <summary>Records in flight on all edges.</summary>
    [JsonIgnore]
    public long InFlightRecords => Edges.Sum(edge => edge.Records);

    /// <summary>The file's bytes.</summary>
    public byte[] Serialize() => SealedJson.Write(this, MetadataJson.Default.CheckpointMetadata);

    /// <summary>Reads what a checkpoint or savepoint says of itself.</summary>
    /// <param name="storage">Where it lies.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CheckpointStorageException">It is missing or damaged, or of another release; or the store's own reason.</exception>
    public static async ValueTask<CheckpointMetadata> ReadAsync(ICheckpointStorage storage, string folder, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(storage);
        string name = CheckpointPaths.MetadataFile(folder);
        long length = await storage.LengthAsync(name, cancellation)
            ?? throw new CheckpointStorageException(StorageFailure.Missing, name, $"{name} is not in {storage.Location}.");
        return length <= BytesMax
            ? Parse(await storage.ReadAsync(name, 0, (int)length, cancellation), name)
            : throw new CheckpointStorageException(StorageFailure.Damaged, name, $"{name} in {storage.Location} has {length} bytes; {BytesMax} is the most.");
    }

    /// <summary>Reads the file back.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="CheckpointStorageException">
    /// <see cref="StorageFailure.Damaged"/>: checksum, size or content is wrong. <see cref="StorageFailure.OtherFormat"/>: another release's format.
    /// </exception>
    public static CheckpointMetadata Parse(ReadOnlySpan<byte> bytes, string name = CheckpointPaths.Metadata) =>
        SealedJson.Read(bytes, BytesMax, CurrentVersion, name, MetadataJson.Default.CheckpointMetadata);
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CheckpointMetadata))]
internal sealed partial class MetadataJson : JsonSerializerContext;
