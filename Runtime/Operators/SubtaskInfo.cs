namespace Weir;

/// <summary>Which of an operator's subtasks one is: an operator of the user's may ask for it in its constructor.</summary>
/// <param name="Operator">The operator's id.</param>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Parallelism">How many there are; after a restart it may be another number.</param>
public sealed record SubtaskInfo(string Operator, int Index, int Parallelism);
