namespace Weir.Runtime.Tasks;

/// <summary>What a Step found.</summary>
internal enum StepResult
{
    /// <summary>There is more to do; its turn was over.</summary>
    Ready,

    /// <summary>Nothing to do until it is woken.</summary>
    Idle,

    /// <summary>There is input, but no room for what it makes, until it is woken.</summary>
    Blocked,
}
