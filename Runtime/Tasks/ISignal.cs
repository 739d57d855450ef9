namespace Weir.Runtime.Tasks;

/// <summary>What code on a thread of its own waits for: set before or while it waits, it lets one waiting pass.</summary>
internal interface ISignal
{
    /// <summary>Lets who waits, or else waits next, pass. Any thread.</summary>
    void Set();

    /// <summary>Waits until it is set.</summary>
    /// <exception cref="OperationCanceledException">It was not, until then.</exception>
    void Wait(CancellationToken cancellation);
}
