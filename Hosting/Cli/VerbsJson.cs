using System.Text.Json.Serialization;

namespace Weir.Hosting;

/// <summary>The shapes that scripts read; names and units stay.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<EffectiveSetting>))]
[JsonSerializable(typeof(IReadOnlyList<JobEntry>))]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
[JsonSerializable(typeof(PlannedRestore))]
[JsonSerializable(typeof(IReadOnlyList<JobPlan>))]
internal sealed partial class VerbsJson : JsonSerializerContext;
