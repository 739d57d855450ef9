namespace Weir.Runtime.Tasks;

/// <summary>Decides who calls <see cref="Runnable.Step"/>, when, and on which thread: a pool in production, one seeded thread in the simulation.</summary>
/// <remarks>No other code of the engine starts a thread or reads a clock by itself.</remarks>
internal interface IExecutor
{
    /// <summary>The clock of everything that this executor runs.</summary>
    TimeProvider Time { get; }

    /// <summary>Some runnable has urgent mail, and no worker is free: those that run end their Step after the record in hand.</summary>
    bool IsUrgent { get; }

    /// <summary>Queues a runnable that has become ready; called by <see cref="Runnable"/> only.</summary>
    void Enqueue(Runnable runnable, bool urgent);

    /// <summary>Makes a lane: what is posted to it runs one at a time, in order, and awaits come back to it.</summary>
    SynchronizationContext CreateLane(string name);

    /// <summary>Runs work that writes to storage, beside the records.</summary>
    void RunInBackground(Func<Task> work);

    /// <summary>Runs code that may block on a thread of its own; completes when it is over. It must not throw.</summary>
    Task RunOnThread(string name, Action run);

    /// <summary>Makes what such code waits for.</summary>
    ISignal CreateSignal();
}
