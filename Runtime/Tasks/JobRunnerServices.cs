using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime;

/// <summary>What a job runs with, beside its settings; every part has a default.</summary>
public sealed class JobRunnerServices
{
    /// <summary>Makes users' operators; null gives them only what the engine has.</summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>Where to log.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Where records wait that memory has no room for, while the job runs. The system's folder for temporary files by default, which may be memory itself: give it a disk.</summary>
    public ISpillStorage Spill { get; init; } = new LocalSpillStorage(Path.Combine(Path.GetTempPath(), "weir"));

    /// <summary>What the job takes memory from, with others of the process; unbounded by default.</summary>
    public MemoryBudget Memory { get; init; } = new();

    /// <summary>The clock; an executor that is given brings its own.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told what happens.</summary>
    public IJobObserver? Observer { get; init; }

    /// <summary>Steps the job; null makes a pool of as many workers as cores for the time of the run.</summary>
    internal IExecutor? Executor { get; init; }

    /// <summary>Where chance comes from: life ids, and the spread of back-offs.</summary>
    public Random Chance { get; init; } = Random.Shared;
}
