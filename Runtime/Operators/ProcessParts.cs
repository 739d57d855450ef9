namespace Weir.Runtime.Operators;

/// <summary>What a user's operator is made of in one subtask, beside what the host's services have.</summary>
/// <param name="Services">Makes all else that its constructor asks for; may be null.</param>
/// <param name="Keyed">Its state for each key; null where the operator has no keys.</param>
/// <param name="Operator">Its state apart from keys.</param>
/// <param name="Subtask">Which subtask it is.</param>
internal sealed record ProcessParts(IServiceProvider? Services, KeyedState? Keyed, OperatorState Operator, SubtaskInfo Subtask);

/// <summary>Makes the user's operator of one subtask.</summary>
internal delegate TProcess MakeProcess<out TProcess>(ProcessParts parts);
