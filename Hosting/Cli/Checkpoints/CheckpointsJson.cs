using System.Text.Json.Serialization;

namespace Weir.Hosting;

/// <summary>What <c>checkpoints verify</c> found.</summary>
internal sealed record VerifiedJson(string Folder, int Files, int Segments, long Bytes, int FaultCount, IReadOnlyList<string> Faults);

/// <summary>What <c>checkpoints copy</c> did.</summary>
/// <param name="Folder">Its path, in both stores.</param>
/// <param name="From">Where it lay.</param>
/// <param name="To">Where it lies.</param>
/// <param name="Files">Files it consists of, metadata included.</param>
/// <param name="BytesWritten">Bytes that were not there before.</param>
/// <param name="WasThere">Whether all of it was there before.</param>
internal sealed record CopiedJson(string Folder, string From, string To, int Files, long BytesWritten, bool WasThere);

/// <summary>The shapes that scripts read; names and units stay.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<CheckpointEntry>))]
[JsonSerializable(typeof(CheckpointDetails))]
[JsonSerializable(typeof(VerifiedJson))]
[JsonSerializable(typeof(CopiedJson))]
internal sealed partial class CheckpointsJson : JsonSerializerContext;
