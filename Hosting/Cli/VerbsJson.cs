using System.Text.Json.Serialization;

namespace Weir.Hosting;

/// <summary>The shapes that scripts read; names and units stay.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<EffectiveSetting>))]
[JsonSerializable(typeof(IReadOnlyList<JobEntry>))]
internal sealed partial class VerbsJson : JsonSerializerContext;
