using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.Runtime.Graph;

namespace Weir.Testing;

/// <summary>
/// Runs a job in memory, on the caller's thread and by a clock that stands still: records in, records out, and everything that may happen to a process in between.
/// Topics, checkpoints and clock outlive its crashes; no broker, no file and no host is needed.
/// </summary>
/// <remarks>
/// The engine is the one that runs in production, and records pass the job's own codecs. What differs: topics are lists in memory, checkpoints are taken only when the test
/// says so, and a failure is not followed by a restart, but thrown. The order of all steps comes from <see cref="JobTestOptions.Seed"/>, so a test that fails fails again.
/// The job's <c>Build</c> is called for each start. Its topics are those of <c>FromKafka</c> and <c>ToKafka</c>, by their names in the job; sources and sinks of its own are
/// opened as they are, and may not start threads. Thread: one at a time.
/// </remarks>
public sealed class JobTest : IDisposable
{
    private const int StepsMax = 1_000_000; // More is a job that never comes to rest.

    private readonly JobTestOptions _options;
    private readonly Random _chance;
    private readonly SimulatedDisk _disk = new();
    private readonly SimulatedLog _log = new();
    private readonly List<SavepointOrder> _orders = [];
    private IJob _job;
    private int _parallelism;
    private ExecutionPlan _plan;
    private Life? _life;
    private int _checkpoints;
    private bool _isDisposed;

    private JobTest(IJob job, JobTestOptions options)
    {
        _options = options;
        _chance = new Random(options.Seed);
        _job = job;
        _parallelism = options.Parallelism;
        Time = new JobTestTime(Advance);
        _plan = Plan(job, _parallelism);
    }

    /// <summary>The clock of the job: it stands still until it is told to advance.</summary>
    public JobTestTime Time { get; }

    /// <summary>The number of subtasks of an operator that does not say its own.</summary>
    public int Parallelism => _parallelism;

    /// <summary>Makes a test of a job; it starts with the first <see cref="Run()"/>, <see cref="Step"/> or <see cref="Checkpoint"/>.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">What it runs with; null takes the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number in the options is less than 1.</exception>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: the job's graph has faults; the message lists all of them.</exception>
    public static JobTest Of(IJob job, JobTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        options ??= new JobTestOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Parallelism, 1, nameof(options.Parallelism));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Partitions, 1, nameof(options.Partitions));
        return new JobTest(job, options);
    }

    /// <summary>The topic that a source of the job reads.</summary>
    /// <typeparam name="T">The source's record.</typeparam>
    /// <param name="name">The source's name in the job.</param>
    /// <exception cref="ArgumentException">The job, as it is now, has no such source of a topic.</exception>
    public JobTestSource<T> Source<T>(string name)
    {
        var source = _plan.Operators.OfType<SourceNode<T>>().FirstOrDefault(node => node.DefaultId == name)?.Description as LogSource<T>;
        return new JobTestSource<T>(this, source ?? throw Unknown<T>("source", name, node => node.IsSource));
    }

    /// <summary>The topic that a sink of the job writes.</summary>
    /// <typeparam name="T">The sink's record.</typeparam>
    /// <param name="name">The sink's name in the job.</param>
    /// <exception cref="ArgumentException">The job, as it is now, has no such sink of a topic.</exception>
    public JobTestSink<T> Sink<T>(string name)
    {
        var sink = _plan.Operators.OfType<SinkNode<T>>().FirstOrDefault(node => node.DefaultId == name)?.Description as LogSink<T>;
        return new JobTestSink<T>(_log, sink ?? throw Unknown<T>("sink", name, node => node.IsSink));
    }

    /// <summary>Runs the job until nothing more can be done without more records, or more time. Starts it where it does not run: at its last checkpoint, or its beginning.</summary>
    /// <exception cref="JobException">The job can't start, or it failed; all since its last checkpoint is forgotten, and the next run starts there.</exception>
    /// <exception cref="InvalidOperationException">It does not come to rest, since a source never does: use <see cref="Run(int)"/>.</exception>
    public void Run()
    {
        if (Run(StepsMax))
        {
            throw new InvalidOperationException($"The job does not come to rest within {StepsMax} steps. Where a source always has more, run it for a number of steps.");
        }
    }

    /// <summary>Runs the job for a number of steps, so that a test can stop anywhere. A step is the least that a job can be interrupted at, such as one batch through one subtask.</summary>
    /// <param name="steps">How many at most.</param>
    /// <returns>Whether there is more to do; false where it came to rest before.</returns>
    /// <exception cref="JobException">As for <see cref="Run()"/>.</exception>
    public bool Run(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            if (!Step())
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Does one step.</summary>
    /// <returns>False where there was nothing to do.</returns>
    /// <exception cref="JobException">As for <see cref="Run()"/>.</exception>
    public bool Step()
    {
        using var here = new OwnThread();
        return Do(Running());
    }

    /// <summary>Takes a checkpoint, and runs the job until it is committed: what was written before is then visible to all readers. Its barriers overtake what is queued, which is stored with it.</summary>
    /// <returns>What it took, such as the records in flight that it stored.</returns>
    /// <exception cref="JobException">It failed, or the job did.</exception>
    /// <exception cref="InvalidOperationException">The job has finished: all of it is committed.</exception>
    public CheckpointReport Checkpoint()
    {
        using var here = new OwnThread();
        var life = Running();
        if (life.Runner.HasEnded)
        {
            throw new InvalidOperationException("The job has read all its sources to their ends, and all of it is committed: there is nothing to take a checkpoint of.");
        }
        var order = Order(life);
        for (int step = 0; !IsOver(order, life.Runner); step++)
        {
            if (step == StepsMax || !Do(life))
            {
                throw new InvalidOperationException("The checkpoint does not come to its end: a source or sink of the job's own waits for something that does not happen.");
            }
        }
        _ = Result(order.Done);
        return life.Runner.Checkpoints[0];
    }

    /// <summary>Asks for a checkpoint and returns at once: it is taken in the steps that follow, so that a test can crash in the midst of it. Starts the job where it does not run.</summary>
    public void TriggerCheckpoint()
    {
        using var here = new OwnThread();
        _ = Order(Running());
    }

    /// <summary>Ends the job as a killed process does: whatever it did since its last checkpoint is forgotten, and output that was not committed is undone. The next run restores.</summary>
    public void Crash()
    {
        using var here = new OwnThread();
        _life?.Executor.Abandon();
        _log.TakeOver(null);
        End();
    }

    /// <summary>Stops the job as an operator does: with a last checkpoint, in which what is still queued is stored. Nothing happens where it does not run. The next run goes on from there.</summary>
    /// <exception cref="JobException">The job failed meanwhile.</exception>
    public void Stop()
    {
        using var here = new OwnThread();
        if (_life is not { } life)
        {
            return;
        }
        life.Executor.RunHere();
        life.Stop.Cancel();
        for (int step = 0; !life.Runner.HasEnded; step++)
        {
            if (step == StepsMax || !Do(life))
            {
                throw new InvalidOperationException("The job does not stop: a source or sink of its own waits for something that does not happen.");
            }
        }
        life.Executor.Abandon();
        End();
    }

    /// <summary>Gives the job another parallelism: stops it if it runs, and lets the next run start it with that, from its last checkpoint.</summary>
    /// <param name="parallelism">Subtasks of an operator that does not say its own, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    /// <exception cref="JobException">The job failed meanwhile, or can't have that parallelism.</exception>
    public void Rescale(int parallelism)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        Change(_job, parallelism);
    }

    /// <summary>Puts another version in the job's place: stops the old one if it runs, and lets the next run start this one from the last checkpoint.</summary>
    /// <param name="job">The new version.</param>
    /// <exception cref="JobException">The job failed meanwhile, or the new version's graph has faults. Whether it fits the checkpoint shows when it is run.</exception>
    public void Upgrade(IJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        Change(job, _parallelism);
    }

    /// <summary>Ends the job as it is; nothing of it is committed any more.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            Crash();
            _isDisposed = true;
        }
    }

    /// <summary>Adds a message to a source's topic; a job that runs will see it.</summary>
    internal void Add(string source, SimulatedLog.Entry entry, int? partition)
    {
        using var here = new OwnThread();
        var partitions = _log.Partitions(source);
        int chosen = partition ?? (entry.Key is { } key ? LogMessages.PartitionOf(key, partitions.Count) : partitions.Sum(one => one.Count) % partitions.Count);
        if (chosen < 0 || chosen >= partitions.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(partition), $"Topic '{source}' has no partition {chosen}, but {partitions.Count}: set JobTestOptions.Partitions.");
        }
        _log.Append(source, chosen, entry);
        if (_life is { } life)
        {
            life.Executor.RunHere();
            life.Connectors.Wake(source);
        }
    }

    private void Change(IJob job, int parallelism)
    {
        var plan = Plan(job, parallelism);
        Stop();
        (_job, _parallelism, _plan) = (job, parallelism, plan);
    }

    private void Advance(TimeSpan time)
    {
        long end = Time.GetTimestamp() + time.Ticks;
        Run();
        while (Time.Life.NextAt is { } next && next <= end)
        {
            Time.Life.Advance(Math.Max(0, next - Time.Life.Ticks));
            Run();
        }
        Time.Life.Advance(end - Time.Life.Ticks);
        Run();
    }

    private ExecutionPlan Plan(IJob job, int parallelism)
    {
        var plan = ExecutionPlan.Of(job, Settings(parallelism), _options.Services);
        foreach (var node in plan.Operators.Where(node => node.IsLog && !_log.HasTopic(node.DefaultId!)))
        {
            _log.CreateTopic(node.DefaultId!, _options.Partitions);
        }
        return plan;
    }

    // A checkpoint comes when it is asked for, and a failure is the test's to see.
    private JobSettings Settings(int parallelism) => new()
    {
        Name = _options.Name,
        Parallelism = parallelism,
        MaxParallelism = _options.MaxParallelism,
        CheckpointInterval = TimeSpan.Zero,
        AlignedCheckpointTimeout = TimeSpan.Zero,
        AllowDroppedState = _options.AllowDroppedState,
        Restart = new RestartSettings { Strategy = RestartStrategy.None },
    };

    private Life Running()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_life is { } life)
        {
            life.Executor.RunHere();
            return life;
        }
        var executor = new SimulatedExecutor(Time.Life, _chance);
        var connectors = new LogConnectorFactory(_log, executor, _chance);
        var runner = new JobRunner(
            _job,
            Settings(_parallelism),
            new SimulatedStorage(_disk, executor),
            connectors,
            new JobRunnerServices { Executor = executor, Chance = _chance, Spill = new MemorySpillStorage(), Services = _options.Services, Loggers = _options.Loggers });
        life = new Life(runner, executor, connectors);
        life.Outcome = runner.RunAsync(life.Stop.Token, CancellationToken.None);
        return _life = life;
    }

    private bool Do(Life life)
    {
        if (life.Runner.HasEnded)
        {
            return false;
        }
        bool did = Time.Life.RunDue() || life.Executor.RunOne();
        foreach (var order in _orders.Where(order => order.Done.IsCompleted).ToList())
        {
            Forget(order);
        }
        if (life.Runner.HasEnded)
        {
            try
            {
                _ = Result(life.Outcome);
            }
            catch
            {
                Crash();
                throw;
            }
        }
        return did;
    }

    private SavepointOrder Order(Life life)
    {
        // A savepoint is the checkpoint that may be asked for; its copy is thrown away.
        var order = life.Runner.Savepoints.Order(new SavepointRequest($"checkpoint-{++_checkpoints}") { Unaligned = true });
        _orders.Add(order);
        return order;
    }

    /// <summary>Whether it has failed, or is made and reported.</summary>
    private static bool IsOver(SavepointOrder order, JobRunner runner) =>
        order.Done.IsCompleted && (!order.Done.IsCompletedSuccessfully || (runner.Checkpoints.Count > 0 && runner.Checkpoints[0].Id == Result(order.Done).CheckpointId));

    private void Forget(SavepointOrder order)
    {
        _orders.Remove(order);
        foreach (string file in _disk.Files.Keys.Where(name => name.StartsWith(order.Folder + "/", StringComparison.Ordinal)).ToList())
        {
            _disk.Files.Remove(file);
        }
    }

    private void End()
    {
        _life = null;
        Time.Forget();
        foreach (var order in _orders.ToList())
        {
            Forget(order);
        }
    }

    // It is over; at most the hand-over of its result is another thread's.
    private static TResult Result<TResult>(Task<TResult> ended) => ended.GetAwaiter().GetResult();

    private ArgumentException Unknown<T>(string kind, string name, Func<OperatorNode, bool> isKind)
    {
        var there = _plan.Operators.Where(node => node.IsLog && isKind(node)).ToList();
        return there.Exists(node => node.DefaultId == name)
            ? new ArgumentException($"The records of {kind} '{name}' are not {TypeText.Of<T>()}.", nameof(T))
            : new ArgumentException($"The job has no {kind} '{name}' of a topic; it has: {string.Join(", ", there.Select(node => node.DefaultId).DefaultIfEmpty("none"))}.", nameof(name));
    }

    /// <summary>One process that runs the job.</summary>
    private sealed class Life(JobRunner runner, SimulatedExecutor executor, LogConnectorFactory connectors)
    {
        public JobRunner Runner => runner;

        public SimulatedExecutor Executor => executor;

        public LogConnectorFactory Connectors => connectors;

        public CancellationTokenSource Stop { get; } = new();

        public Task<JobOutcome> Outcome { get; set; } = null!;
    }

    /// <summary>A test framework's context would send continuations to other threads: it is set aside while the job does something.</summary>
    private readonly ref struct OwnThread
    {
        private readonly SynchronizationContext? _outer;

        public OwnThread()
        {
            _outer = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null);
        }

        public void Dispose() => SynchronizationContext.SetSynchronizationContext(_outer);
    }
}
