namespace Weir.Runtime.Operators;

/// <summary>The operators of one subtask, joined.</summary>
/// <param name="Head">Where records enter: the <c>SourceOutput</c> of a source, else a <c>Collector</c> of what the task takes.</param>
/// <param name="Operators">In the order a record takes, without the source.</param>
internal sealed record OperatorChain(object Head, IReadOnlyList<IOperator> Operators);
