using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Tests.Doubles;

/// <summary>A whole job that a test runs by hand: nothing moves and no time passes unless the test says so.</summary>
internal sealed class JobByHand
{
    public const string Name = "by-hand";

    private const int SecondsMax = 600; // A job that has not ended by then never does.

    private readonly Task<JobOutcome> _run;

    /// <param name="build">The job.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="storage">Where its checkpoints lie; another life of the job goes on from there.</param>
    /// <param name="memory">What it takes memory from; unbounded by default.</param>
    /// <exception cref="JobException">It can't start.</exception>
    public JobByHand(Action<JobBuilder> build, JobSettings settings, MemoryStorage storage, MemoryBudget? memory = null)
    {
        SynchronizationContext.SetSynchronizationContext(null); // The test framework's would send continuations to other threads.
        Storage = storage;
        Memory = memory ?? new MemoryBudget();
        // A life of its own, and the same each time.
        Runner = new JobRunner(new Job(build), settings, storage, null!, new JobRunnerServices { Loggers = Log, Spill = new MemorySpill(), Executor = Executor, Chance = new Random(storage.Log.Count), Memory = Memory });
        _run = Runner.RunAsync(CancellationToken.None, Cancel.Token);
        Executor.Settle();
        if (Runner.HasEnded)
        {
            _ = Outcome();
        }
    }

    public HandExecutor Executor { get; } = new();

    /// <summary>What was logged.</summary>
    public LogLines Log { get; } = new();

    private CancellationTokenSource Cancel { get; } = new();

    public MemoryStorage Storage { get; }

    public MemoryBudget Memory { get; }

    public JobRunner Runner { get; }

    /// <summary>The report of the last checkpoint.</summary>
    public CheckpointReport Last => Runner.Checkpoints[0];

    /// <summary>What is stored of the last one that completed.</summary>
    public CheckpointMetadata Metadata => CheckpointMetadata.Parse(Storage[Storage.Names.Last(name => name.EndsWith("/_metadata", StringComparison.Ordinal))]);

    public static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Settings under which a checkpoint comes once a second and overtakes at once, from gates that hold little.</summary>
    public static JobSettings Settings(int parallelism) => new()
    {
        Name = Name,
        Parallelism = parallelism,
        CheckpointInterval = TimeSpan.FromSeconds(1),
        AlignedCheckpointTimeout = TimeSpan.Zero,
        BatchesPerChannel = 1,
        FloatingBatches = 0,
        Restart = new RestartSettings { Strategy = RestartStrategy.Fixed },
    };

    /// <summary>Lets time pass, and everything happen that then does.</summary>
    public void Pass(int milliseconds) => Executor.Advance(Ms(milliseconds));

    /// <summary>Lets all calls to the store that hang go on, and everything happen that then does.</summary>
    public void ReleaseStore()
    {
        Storage.ReleaseAll();
        Executor.Settle();
    }

    /// <summary>Gives a sink room, and lets everything happen that then does.</summary>
    public void Give<T>(RoomSink<T> sink, int records)
    {
        sink.Give(records);
        Executor.Settle();
    }

    /// <summary>Ends it at once, without a last checkpoint.</summary>
    public void Kill()
    {
        Cancel.Cancel();
        Executor.Settle();
        Assert.Equal(JobOutcome.Cancelled, Outcome());
    }

    /// <summary>Lets time pass until it has ended by itself.</summary>
    public JobOutcome Finish()
    {
        for (int seconds = 0; !Runner.HasEnded; seconds++)
        {
            Assert.True(seconds < SecondsMax, $"It does not come to its end: {Runner.Status}, {Runner.Checkpoints.Count} checkpoints");
            Executor.Advance(TimeSpan.FromSeconds(1));
        }
        return Outcome();
    }

    private JobOutcome Outcome()
    {
        Assert.True(Runner.HasEnded, "It goes on.");
#pragma warning disable xUnit1031 // It has ended; only the hand-over of its result is another thread's.
        return _run.GetAwaiter().GetResult();
#pragma warning restore xUnit1031
    }

    private sealed class Job(Action<JobBuilder> build) : IJob
    {
        void IJob.Build(JobBuilder job) => build(job);
    }
}
