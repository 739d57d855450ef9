using System.Text.Json.Serialization;

namespace Weir.Hosting;

/// <summary>Why a request was not done.</summary>
/// <param name="Error">In a sentence: what, and what to do.</param>
/// <param name="ExitCode">What a command line ends with that asked for it: one of <see cref="Hosting.ExitCode"/>.</param>
internal sealed record ManagementError(string Error, int ExitCode);

/// <summary>What the management port and those who ask it say to each other; names and units stay.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(HostStatus))]
[JsonSerializable(typeof(SavepointWish))]
[JsonSerializable(typeof(StopWish))]
[JsonSerializable(typeof(SavepointMade))]
[JsonSerializable(typeof(JobStopped))]
[JsonSerializable(typeof(ProgramStopped))]
[JsonSerializable(typeof(ManagementError))]
internal sealed partial class ManagementJson : JsonSerializerContext;
