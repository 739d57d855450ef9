using System.Text.Json.Serialization;

namespace Weir.StateStore;

/// <summary>An operator state that was declared: what a plan shows, and a restore compares.</summary>
/// <param name="Name">Its name within the operator.</param>
/// <param name="Kind">Who gets what of it where the number of subtasks changes.</param>
/// <param name="ValueCodec">Name and version of its values' bytes.</param>
/// <param name="KeyCodec">The same of its keys; null where it has none.</param>
public sealed record OperatorStateDeclaration(string Name, OperatorStateKind Kind, CodecId ValueCodec, CodecId? KeyCodec = null);

/// <summary>Who gets what of an operator state when it is restored.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperatorStateKind>))]
public enum OperatorStateKind
{
    /// <summary>Each subtask its own; where their number has changed, all entries are dealt anew in turn.</summary>
    List,

    /// <summary>Each subtask the entries of all.</summary>
    Union,

    /// <summary>All the same.</summary>
    Broadcast,
}
