using Weir.Connectors.Kafka;
using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>Runs of one copy job on a real broker, one after another, as its operator would start them.</summary>
internal sealed class JobScript(KafkaScript kafka, string input, string output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-job-").FullName;
    private readonly LogLines _lines = new();
    private readonly CancellationTokenSource _end = new();

    /// <summary>What the next run does, from <c>in</c> to <c>out</c>; by default it copies.</summary>
    public IJob Job { get; set; } = new CopyJob();

    /// <summary>Where its output goes.</summary>
    public string Output => output;

    /// <summary>How the next run's source is set.</summary>
    public KafkaSourceOptions Source { get; set; } = new();

    /// <summary>How the next run reaches the brokers.</summary>
    public KafkaOptions Client { get; set; } = kafka.Options().Client;

    /// <summary>How often the next run takes checkpoints by itself.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How their barriers meet queued data.</summary>
    public CheckpointMode Mode { get; set; }

    /// <summary>Whether the next run may leave behind what it has no use for.</summary>
    public bool AllowsDroppedState { get; set; }

    /// <summary>Settings of further sinks, by name.</summary>
    public Dictionary<string, KafkaSinkOptions> Sinks { get; } = [];

    /// <summary>Reports of the last run's checkpoints, newest first.</summary>
    public IReadOnlyList<CheckpointReport> Checkpoints { get; private set; } = [];

    /// <summary>The clock of the next run.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>When the next run hangs.</summary>
    public TimeSpan Hang { get; set; } = KafkaScript.Hang;

    /// <summary>Ends a run without a last checkpoint.</summary>
    public CancellationToken Cancel { get; set; }

    /// <summary>What all runs logged from Warning on.</summary>
    public IReadOnlyCollection<string> Warnings => _lines.Warnings;

    /// <summary>Completes when such a warning was logged.</summary>
    public Task WarnedAsync(Func<string, bool> isIt) => _lines.SaidAsync(isIt, TestContext.Current.CancellationToken);

    /// <summary>Runs until it ends by itself, or so many records are committed in the output's only partition; then it is stopped.</summary>
    public async Task<JobOutcome> RunAsync(int? until = null)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Cancel, TestContext.Current.CancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var options = new KafkaJobOptions { Client = Client };
        Source.Topic = Source.Topics.Count > 0 ? null : input;
        options.Sources["in"] = Source;
        options.Sinks["out"] = new KafkaSinkOptions { Topic = Output };
        foreach (var (name, sink) in Sinks)
        {
            options.Sinks[name] = sink;
        }
        using var committed = new SemaphoreSlim(0);
        var runner = new JobRunner(
            Job,
            new JobSettings
            {
                Name = kafka.Job,
                CheckpointInterval = Interval,
                CheckpointMode = Mode,
                AllowDroppedState = AllowsDroppedState,
                DeadLetterSources = Source.OnUndecodable == UndecodableRecord.DeadLetter ? new HashSet<string> { "in" } : new HashSet<string>(),
            },
            new LocalStorage(_folder),
            new KafkaConnectorFactory(options),
            new JobRunnerServices { Loggers = _lines, Time = Time, Observer = new CommitSignal(committed) });
        var run = runner.RunAsync(stop.Token, either.Token);
        while (until is { } count && kafka.Committed(output, 0).Count < count && !run.IsCompleted)
        {
            await Task.WhenAny(run, committed.WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken));
        }
        if (until is not null)
        {
            await stop.CancelAsync();
        }
        var first = await Task.WhenAny(run, Task.Delay(Hang, TestContext.Current.CancellationToken));
        Checkpoints = runner.Checkpoints;
        Assert.True(first == run, $"{runner.Status}: {string.Join('\n', Warnings)}");
        return await run;
    }

    /// <summary>Stops the run.</summary>
    public void End() => _end.Cancel();

    public void Dispose()
    {
        _end.Dispose();
        _lines.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
