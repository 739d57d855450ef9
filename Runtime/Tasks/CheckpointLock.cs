namespace Weir.Runtime.Tasks;

/// <summary>Keeps a worker and the thread of a legacy source apart: either steps the subtask, or pushes into it.</summary>
/// <remarks>
/// The source waits for room first and takes the lock then, so that back-pressure never holds up a barrier. A worker only tries the lock: where it is taken, mail
/// stays, and the source's thread opens it when it lets go. No wake-up is lost: mail that comes between its last look and the release is looked for once more.
/// </remarks>
internal sealed class CheckpointLock(Subtask subtask, ISignal room, CancellationToken ended)
{
    private readonly Lock _lock = new();

    /// <summary>A worker steps the subtask: only if nobody pushes.</summary>
    public bool TryEnterStep() => _lock.TryEnter();

    /// <summary>The worker's Step is over.</summary>
    /// <param name="hasRoom">Whether there is room for a record, so that who waits may push.</param>
    public void ExitStep(bool hasRoom)
    {
        _lock.Exit();
        if (hasRoom)
        {
            room.Set();
        }
    }

    /// <summary>The source's thread: waits for room, then takes the lock.</summary>
    /// <exception cref="OperationCanceledException">The attempt ends.</exception>
    public void Enter()
    {
        while (true)
        {
            ended.ThrowIfCancellationRequested();
            _lock.Enter();
            if (subtask.BeginPush())
            {
                return;
            }
            _lock.Exit();
            subtask.Wake(); // Sends what is open, and sets the signal where that made room.
            room.Wait(ended);
        }
    }

    /// <summary>What was pushed could not be processed: said before the lock is let go, so that no checkpoint holds half of it.</summary>
    public void Fail(Exception failure) => subtask.Fail(failure);

    /// <summary>The source's thread lets go, and opens what mail has come.</summary>
    public void Exit()
    {
        subtask.EndPush();
        _lock.Exit();
        if (subtask.HasMail)
        {
            subtask.Wake(urgent: true);
        }
    }
}
