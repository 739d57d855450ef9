namespace Weir.Runtime.Graph;

/// <summary>One parallel instance of a task.</summary>
/// <param name="Task">The task's index in the plan.</param>
/// <param name="Index">Which of its subtasks.</param>
internal readonly record struct SubtaskId(int Task, int Index);

/// <summary>One channel of an edge: from a subtask of the one task to a subtask of the other.</summary>
internal readonly record struct ChannelId(string Edge, int From, int To)
{
    public override string ToString() => $"{Edge} {From}->{To}";
}
