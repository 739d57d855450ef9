using System.Text.Json.Serialization;

namespace Weir.Jobs;

/// <summary>How often a word came so far.</summary>
/// <param name="Word">The word as it was written.</param>
/// <param name="Count">How often.</param>
public sealed record WordTotal(string Word, long Count);

/// <summary>The JSON of the word count.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WordTotal))]
public sealed partial class WordCountJson : JsonSerializerContext;
