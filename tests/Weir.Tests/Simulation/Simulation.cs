using System.Buffers.Binary;
using System.Globalization;
using Weir.Runtime;
using Weir.Runtime.Graph;
using Weir.StateStore;

namespace Weir.Tests.Simulation;

/// <summary>A job from a seed: graph, speed, faults and the order of every step come from it, so a failing seed replays.</summary>
internal sealed class Simulation
{
    /// <summary>More than ten times what the slowest seed needs: beyond it something stands still.</summary>
    private const long StepsMax = 1_000_000;

    /// <summary>Most subtasks of an operator.</summary>
    private const int ParallelismMax = 8;

    private readonly int _seed;
    private readonly SeededChance _chance;
    private readonly Faults _faults;
    private readonly SimulatedDisk _disk = new();
    private readonly SimulatedLog _log = new();
    private readonly JobSettings _settings;
    private readonly SimulatedGraph _graph;
    private readonly ExpectedOutput _expected;
    private readonly SimulationFigures _figures = new();
    private readonly int _records;
    private SimulatedTime _time = new();
    private int[] _parallelism;
    private IReadOnlyList<string> _referenced = [];
    private Life? _overtaken;
    private long _steps;
    private string _lastTrouble = "none";

    public Simulation(int seed)
    {
        _seed = seed;
        _chance = new SeededChance(seed);
        _faults = new Faults(_chance);
        _graph = new SimulatedGraph(_chance);
        _parallelism = DrawParallelism();
        _settings = DrawSettings();
        foreach (var node in _graph.Nodes.Where(node => node.Kind is SimulatedKind.Source or SimulatedKind.Sink))
        {
            _log.CreateTopic(node.Id, _chance.Next(1, 7));
        }
        _records = DrawRecords();
        _expected = new ExpectedOutput(_graph, Feed);
    }

    /// <summary>What happened in it.</summary>
    public SimulationFigures Figures => _figures;

    /// <summary>Runs to the end, through all faults, and checks what came out.</summary>
    public Simulation Run()
    {
        try
        {
            // The test framework has one of its own, which would send continuations to other threads.
            SynchronizationContext.SetSynchronizationContext(null);
            while (!Live())
            {
            }
            _expected.Check(node => Output(node));
            CheckPointers();
            DropOvertaken();
            Note();
            return this;
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"Seed {_seed} failed; it replays by: WEIR_SEED={_seed} dotnet run --project tests/Weir.Tests -- --filter-class {typeof(SimulationTests).FullName}. {failure.Message}\n{_graph}{Settings}"),
                failure);
        }
    }

    private string Settings => string.Create(
        CultureInfo.InvariantCulture,
        $"{_settings.CheckpointMode} after {_settings.AlignedCheckpointTimeout.TotalMilliseconds} ms, each {_settings.CheckpointInterval.TotalMilliseconds} ms, timeout {_settings.CheckpointTimeout.TotalMilliseconds} ms, "
        + $"gates of {_settings.BatchesPerChannel} a channel and {_settings.FloatingBatches}, overdraft {_settings.MaxOverdraftBuffersPerGate}, subtasks {string.Join(", ", _parallelism)}, {_records} records a source");

    /// <summary>One life; true when the job has finished.</summary>
    private bool Live()
    {
        var life = Begin();
        while (!life.Runner.HasEnded)
        {
            if (life.Executor.IsAtRest && life.Factory.MustBeBusy && life.Runner.Status.Phase == JobPhase.Running)
            {
                Assert.Fail($"at step {_steps} there is input, and everybody sleeps: a wake-up was lost");
            }
            if (!life.Executor.Step() || ++_steps == StepsMax)
            {
                Assert.Fail($"{(_steps == StepsMax ? "no progress" : "nothing can happen any more: a deadlock")} at step {_steps}, {life.Runner.Status}; the last trouble: {_lastTrouble}");
            }
            if (_steps == StepsMax / 10)
            {
                _faults.Over = true;
                DropOvertaken();
            }
            StepOvertaken();
            switch (_faults.EndNow(steps: 250))
            {
                case LifeEnd.Crash:
                    life.Executor.Abandon();
                    DrawNext();
                    return false;
                case LifeEnd.Overtaken:
                    _overtaken?.Executor.Abandon();
                    _overtaken = life;
                    DrawNext();
                    return false;
                case LifeEnd.Stop:
                    life.Stop.Cancel();
                    break;
                case LifeEnd.Cancel:
                    life.Cancel.Cancel();
                    break;
            }
        }
        life.Executor.Abandon();
        return Ended(life);
    }

    private bool Ended(Life life)
    {
        try
        {
#pragma warning disable xUnit1031 // It has ended; only the hand-over of its result is another thread's.
            var outcome = life.Run.GetAwaiter().GetResult();
#pragma warning restore xUnit1031
            if (outcome == JobOutcome.Finished)
            {
                _expected.Check(life.Ledger);
                return true;
            }
            DrawNext();
            return false;
        }
        catch (JobException refused) when (refused.Reason == JobFailure.Configuration && refused.Message.Contains("Set the parallelism back", StringComparison.Ordinal))
        {
            // As designed: what is in flight between subtasks of equal number goes back to as many. Nothing was changed, so the old numbers work.
            int[] before = CommittedParallelism();
            Assert.False(_parallelism.SequenceEqual(before), refused.Message);
            _figures.Note(Event.RescaleRefused);
            _parallelism = before;
            return false;
        }
    }

    private Life Begin()
    {
        var time = new SimulatedTime();
        time.Advance(_time.Ticks);
        _time = time;
        var executor = new SimulatedExecutor(time, _chance);
        var ledger = new BroadcastLedger();
        var factory = new SimulatedConnectorFactory(_log, executor, _faults, _chance, source => _graph.Find(source).IsLegacy);
        var runner = new JobRunner(
            new SimulatedJob(_graph, _parallelism),
            _settings,
            new SimulatedStorage(_disk, executor, _faults),
            factory,
            new JobRunnerServices { Executor = executor, Observer = new Observer(this, ledger), Chance = _chance, Services = new SimulatedServices(_graph, ledger) });
        ledger.Clear(); // Of the operators that were only made to see what they declare.
        var life = new Life(runner, executor, factory, ledger);
        life.Run = runner.RunAsync(life.Stop.Token, life.Cancel.Token);
        return life;
    }

    /// <summary>The life that was overtaken does something now and then, until its host is gone, too.</summary>
    private void StepOvertaken()
    {
        if (_overtaken is not { } other || _chance.Next(3) > 0)
        {
            return;
        }
        if (_chance.Next(500) == 0 || other.Runner.HasEnded || !other.Executor.Step())
        {
            DropOvertaken();
        }
    }

    private void DropOvertaken()
    {
        _overtaken?.Executor.Abandon();
        _overtaken = null;
    }

    /// <summary>The next life may have other numbers of subtasks.</summary>
    private void DrawNext()
    {
        if (_chance.Next(3) > 0)
        {
            _parallelism = DrawParallelism();
        }
    }

    private int[] DrawParallelism() => [.. Enumerable.Range(0, _graph.Groups).Select(_ => _chance.Next(8) == 0 ? _chance.Next(1, ParallelismMax + 1) : _chance.Next(1, 4))];

    private JobSettings DrawSettings() => new()
    {
        Name = "simulated",
        MaxParallelism = 16,
        CheckpointInterval = TimeSpan.FromMilliseconds(_chance.Next(1, _chance.Next(2) == 0 ? 10 : 60)), // A step takes 0.2 ms.
        CheckpointTimeout = TimeSpan.FromMilliseconds(_chance.Next(4) == 0 ? 20 : 60_000),
        CheckpointMode = _chance.Next(6) == 0 ? CheckpointMode.Aligned : CheckpointMode.Unaligned,
        AlignedCheckpointTimeout = TimeSpan.FromMilliseconds(_chance.Next(5) switch { < 2 => 0, < 4 => _chance.Next(1, 6), _ => 30 }),
        TasksPerStateFile = _chance.Next(1, 6),
        MaxInFlightBytes = _chance.Next(8) == 0 ? 3_000 : 256 << 20,
        RetainedCheckpoints = _chance.Next(2, 4),
        ReferencedBytesMin = _chance.Next(0, 2) * _chance.Next(0, 3_000),
        ReferencedFoldersMax = _chance.Next(1, 5),
        BatchesPerChannel = _chance.Next(1, 3),
        FloatingBatches = _chance.Next(0, 9),
        MaxOverdraftBuffersPerGate = _chance.Next(0, 6),
        Restart = new RestartSettings { InitialDelay = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(50) },
    };

    /// <summary>So many that some thousand records go over edges, whatever the graph makes of one.</summary>
    private int DrawRecords()
    {
        int sample = 0;
        long last = -200;
        int made = new ExpectedOutput(_graph, node => Enumerable.Range(0, 200).Select(_ => new Token { Seq = --last, Key = sample++ })).Work;
        return Math.Clamp(_chance.Next(3_000, 16_000) * 200 / made, 100, 3_000);
    }

    private IEnumerable<Token> Feed(SimulatedNode source)
    {
        int partitions = _log.Partitions(source.Id).Count;
        int keys = _chance.Next(1, 60);
        for (int number = 0; number < _records; number++)
        {
            var token = new Token { Seq = (source.Number * 100_000) + number, Key = _chance.Next(keys), Path = source.Number };
            byte[] body = new byte[_chance.Next(0, 60)];
            body.AsSpan().Fill((byte)token.Seq);
            var value = new ByteArena();
            (token with { Body = new Slice(0, body.Length) }).WriteValue(body, value);
            byte[] key = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(key, token.Key);
            _log.Append(source.Id, (int)(token.Key % partitions), key, value.Written.ToArray(), null);
            yield return token;
        }
    }

    private IEnumerable<(Token Token, byte[] Body)> Output(SimulatedNode sink) =>
        from partition in Enumerable.Range(0, _log.Partitions(sink.Id).Count)
        from entry in _log.ReadCommitted(sink.Id, partition)
        let token = Token.ReadValue(BinaryPrimitives.ReadInt64BigEndian(entry.Key), entry.Value, 0)
        select (token, token.Body.In(entry.Value).ToArray());

    /// <summary>Where barriers overtake on every edge, they are through in a time that grows with the job, not with what is queued, nor with what a sink takes.</summary>
    private void CheckBarriers(CheckpointReport report)
    {
        if (report.TurnedAfter is not null || report.Mode != CheckpointMode.Unaligned || _graph.HasBroadcast)
        {
            return;
        }
        // Of so many that could do something, each takes its turn by chance: a barrier waits for one after the other, from task to task and through the coordinator.
        double allowed = (_graph.Nodes.Sum(node => _parallelism[node.Group]) + 10) * (_graph.Nodes.Count + 6) * 0.5;
        double share = report.LastBarrier.TotalMilliseconds / allowed;
        _figures.BarrierShare = Math.Max(_figures.BarrierShare, share);
        Assert.True(share <= 1, $"barriers took {report.LastBarrier.TotalMilliseconds} ms, {allowed:0} are allowed: {report.Verdict}");
    }

    /// <summary>Every committed checkpoint follows the one before it, and each of the last two can still be read.</summary>
    private void CheckPointers()
    {
        for (int index = 0; index < _log.Pointers.Count; index++)
        {
            var pointer = _log.Pointers[index];
            if (!pointer.IsStart)
            {
                Assert.Equal(_log.Pointers[index - 1].CheckpointId, pointer.PreviousId);
                Assert.True(pointer.PreviousId < pointer.CheckpointId);
            }
        }
        foreach (var pointer in _log.Pointers.TakeLast(2).Where(pointer => !pointer.IsStart))
        {
            foreach (var handle in MetadataOf(pointer).Edges.SelectMany(edge => edge.Channels).SelectMany(channel => channel.Segments).Select(segment => segment.Handle))
            {
                string file = CheckpointPaths.FileOf(pointer.Location, handle.File);
                Assert.True(_disk.Files.ContainsKey(file), $"{pointer.Location} needs {file}, which is gone");
            }
        }
    }

    private CheckpointMetadata MetadataOf(CheckpointPointer pointer) => CheckpointMetadata.Parse(_disk.Files[CheckpointPaths.MetadataFile(pointer.Location)]);

    /// <summary>The numbers of subtasks that the checkpoint which counts was taken with.</summary>
    private int[] CommittedParallelism()
    {
        var stored = MetadataOf(_log.Pointer!).Operators.ToLookup(one => _graph.Find(one.Id).Group, one => one.Parallelism);
        return [.. Enumerable.Range(0, _graph.Groups).Select(group => stored[group].First())];
    }

    /// <summary>Notes which edges had records in flight at the checkpoint that a life begins from.</summary>
    private void NoteRestore(long inFlight)
    {
        _figures.Restores++;
        if (inFlight == 0)
        {
            return;
        }
        var metadata = MetadataOf(_log.Pointer!);
        bool isRescaled = metadata.Operators.Any(stored => stored.Parallelism != _parallelism[_graph.Find(stored.Id).Group]);
        _figures.InFlightRecords += inFlight;
        _figures.Note(isRescaled ? Event.RescaledInFlight : Event.RestoredInFlight);
        foreach (var edge in metadata.Edges)
        {
            string[] ends = edge.EdgeId.Split("->");
            var from = _graph.Find(ends[0]);
            var to = _graph.Find(ends[1].Split('#')[0]);
            var input = to.Inputs.First(input => input.From == from.Number);
            _figures.Note(input.Edge switch
            {
                EdgeKind.Hash => Event.InFlightByKey,
                EdgeKind.Custom => Event.InFlightByRule,
                EdgeKind.Rebalance => Event.InFlightInTurns,
                _ => Event.InFlightForward,
            });
        }
        NoteIf(metadata.Edges.SelectMany(edge => edge.Channels).Any(channel => channel.Layer > 0), Event.InFlightLayers);
        NoteIf(metadata.References.Count > 0, Event.Referenced);
        NoteIf(metadata.References.Intersect(_referenced).Any(), Event.ReferencedAgain);
        _referenced = metadata.References;
    }

    private void NoteIf(bool happened, Event what)
    {
        if (happened)
        {
            _figures.Note(what);
        }
    }

    private void Note()
    {
        _figures.Records = _records;
        _figures.Steps = _steps;
        NoteIf(_graph.HasBroadcast, Event.Broadcast);
        NoteIf(_graph.HasBroadcastInSeries, Event.BroadcastInSeries);
        NoteIf(_graph.HasUnion, Event.Union);
        NoteIf(_graph.HasTwoInputs, Event.TwoInputs);
        NoteIf(_graph.HasTwice, Event.SameStreamTwice);
        NoteIf(_graph.Nodes.Any(node => node.IsLegacy), Event.LegacySource);
        NoteIf(_settings.CheckpointMode == CheckpointMode.Aligned, Event.Aligned);
        NoteIf(_faults.Ends[(int)LifeEnd.Crash] > 0, Event.Crash);
        NoteIf(_faults.Ends[(int)LifeEnd.Overtaken] > 0, Event.TwoLives);
        NoteIf(_faults.Ends[(int)LifeEnd.Stop] > 0, Event.Stop);
        NoteIf(_faults.Ends[(int)LifeEnd.Cancel] > 0, Event.Cancel);
        NoteIf(_faults.StorageFailures > 0, Event.StorageFailure);
        NoteIf(_faults.StorageSilences > 0, Event.StorageSilence);
        NoteIf(_faults.CommitsInDoubt > 0, Event.CommitInDoubt);
        NoteIf(_faults.Stalls > 0, Event.SinkStalls);
    }

    /// <summary>One process that runs the job.</summary>
    private sealed class Life(JobRunner runner, SimulatedExecutor executor, SimulatedConnectorFactory factory, BroadcastLedger ledger)
    {
        public JobRunner Runner => runner;

        public SimulatedExecutor Executor => executor;

        public SimulatedConnectorFactory Factory => factory;

        public BroadcastLedger Ledger => ledger;

        public CancellationTokenSource Stop { get; } = new();

        public CancellationTokenSource Cancel { get; } = new();

        public Task<JobOutcome> Run { get; set; } = null!;
    }

    private sealed class Observer(Simulation simulation, BroadcastLedger ledger) : IJobObserver
    {
        private bool _awaitsFirst;

        public void Started(long? restored, long inFlightRecords)
        {
            _awaitsFirst = inFlightRecords > 0;
            ledger.Clear();
            if (restored is not null)
            {
                simulation.NoteRestore(inFlightRecords);
            }
        }

        public void CheckpointCompleted(CheckpointReport report)
        {
            simulation._figures.Completed(report);
            simulation.CheckBarriers(report);
            if (_awaitsFirst)
            {
                _awaitsFirst = false;
                simulation._faults.FirstCheckpointAfterRestore();
            }
        }

        public void CheckpointFailed(long checkpoint, TimeSpan age, string verdict)
        {
            simulation._figures.Note(Event.GivenUp);
            simulation._lastTrouble = verdict;
        }

        public void Restarting(Exception failure, TimeSpan delay) => simulation._lastTrouble = failure.Message;
    }
}
