namespace Weir.Runtime.Graph;

/// <summary>How records get from one task's subtasks to another's.</summary>
internal enum EdgeKind
{
    /// <summary>Subtask i to subtask i.</summary>
    Forward,

    /// <summary>Dealt out in turn.</summary>
    Rebalance,

    /// <summary>By the key group of the record's key.</summary>
    Hash,

    /// <summary>As the user's rule says.</summary>
    Custom,

    /// <summary>Each record to all.</summary>
    Broadcast,
}
