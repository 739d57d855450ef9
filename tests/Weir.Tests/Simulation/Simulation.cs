using System.Buffers.Binary;
using System.Globalization;
using Weir.Runtime;
using Weir.Runtime.Gates;
using Weir.Runtime.Graph;
using Weir.StateStore;
using Weir.Testing;

namespace Weir.Tests.Simulation;

/// <summary>A job from a seed: graph, speed, faults and the order of every step come from it, so a failing seed replays.</summary>
internal sealed class Simulation
{
    /// <summary>More than ten times what the slowest seed needs: beyond it something stands still.</summary>
    private const long StepsMax = 1_000_000;

    /// <summary>Most subtasks of an operator.</summary>
    public const int ParallelismMax = 8;

    private readonly int _seed;
    private readonly SeededChance _chance;
    private readonly Faults _faults;
    private readonly SimulatedDisk _disk = new();
    private readonly SimulatedLog _log = new();
    private readonly Func<int, string?, JobSettings> _settingsOf;
    private readonly SavepointWishes _savepoints;
    private readonly SimulatedGraph _graph;
    private readonly ExpectedOutput _expected;
    private readonly SimulationFigures _figures = new();
    private readonly int _records;
    private SimulatedTime _time = new();
    private JobSettings _settings;
    private MemoryBudget _memory = new();
    private JobRunner? _runner;
    private int[] _parallelism;
    private IReadOnlyList<string> _referenced = [];
    private Life? _overtaken;
    private long _steps;
    private string _lastTrouble = "none";
    private (byte[]? Stored, CheckpointMetadata Metadata) _lastRead;

    public Simulation(int seed)
    {
        _seed = seed;
        _chance = new SeededChance(seed);
        _faults = new Faults(_chance);
        _graph = new SimulatedGraph(_chance);
        _parallelism = DrawParallelism();
        _settingsOf = DrawSettings();
        _settings = _settingsOf(16, null);
        _savepoints = new SavepointWishes(_chance, _disk, _figures);
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
        + $"gates of {_settings.BatchesPerChannel} a channel and {_settings.FloatingBatches}, overdraft {_settings.MaxOverdraftBuffersPerGate}, overflow {_settings.MaxOverflowBytes}, subtasks {string.Join(", ", _parallelism)}, {_records} records a source");

    /// <summary>One life; true when the job has finished.</summary>
    private bool Live()
    {
        var life = Begin();
        while (!life.Runner.HasEnded)
        {
            if (life.Executor.IsAtRest && !_savepoints.Drains && life.Factory.MustBeBusy && life.Runner.Status.Phase == JobPhase.Running)
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
            if (life.Watermarks.Fault is { } fault)
            {
                Assert.Fail($"at step {_steps}, {fault}");
            }
            StepOvertaken();
            _savepoints.Step(life.Runner, mayAsk: !_faults.Over);
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
                CheckLastWatermarks();
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
        catch (JobException refused) when (refused.Reason == JobFailure.Configuration && refused.Message.Contains("--accept-duplicates", StringComparison.Ordinal))
        {
            return false; // A life that was overtaken committed once more before it was fenced: the savepoint is older than that.
        }
        catch (JobException refused) when (refused.Reason == JobFailure.Configuration && refused.Message.Contains("or begin from a savepoint", StringComparison.Ordinal))
        {
            // So did one that came back while this one, which divides keys otherwise, had begun from the savepoint, and had to begin again.
            Assert.NotEqual(_settings.MaxParallelism, MetadataOf(_log.Pointer!).MaxParallelism);
            return false;
        }
    }

    private Life Begin()
    {
        var (maxParallelism, from) = _savepoints.Next(_log.Pointer is { IsStart: false } pointer ? MetadataOf(pointer) : null, _settings.MaxParallelism);
        _settings = _settingsOf(maxParallelism, from);
        var time = new SimulatedTime();
        time.Advance(_time.Ticks);
        _time = time;
        var executor = new SimulatedExecutor(time, _chance);
        var ledger = new BroadcastLedger();
        var watermarks = new WatermarkLedger();
        var factory = new SimulatedConnectorFactory(_log, executor, _faults, _chance, source => _graph.Find(source).IsLegacy);
        _memory = DrawMemory();
        var runner = new JobRunner(
            new SimulatedJob(_graph, _parallelism),
            _settings,
            new FaultyStorage(_disk, executor, _faults),
            factory,
            new JobRunnerServices { Executor = executor, Observer = new Observer(this, ledger, watermarks), Chance = _chance, Spill = new SimulatedSpill(_faults, _figures), Services = new SimulatedServices(_graph, ledger, watermarks), Memory = _memory });
        ledger.Clear(); // Of the operators that were only made to see what they declare.
        _runner = runner;
        var life = new Life(runner, executor, factory, ledger, watermarks);
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
            if (_seed % 5 == 2)
            {
                Array.Fill(_parallelism, _parallelism[^1]); // Operators that were apart are chained: some of them have as many subtasks as before, some have not.
            }
        }
    }

    private int[] DrawParallelism() => [.. Enumerable.Range(0, _graph.Groups).Select(_ => _chance.Next(8) == 0 ? _chance.Next(1, ParallelismMax + 1) : _chance.Next(1, 4))];

    private Func<int, string?, JobSettings> DrawSettings()
    {
        var interval = TimeSpan.FromMilliseconds(_chance.Next(1, _chance.Next(2) == 0 ? 10 : 60)); // A step takes 0.2 ms.
        var timeout = TimeSpan.FromMilliseconds(_chance.Next(4) == 0 ? 20 : 60_000);
        var mode = _chance.Next(6) == 0 ? CheckpointMode.Aligned : CheckpointMode.Unaligned;
        var turnsAfter = TimeSpan.FromMilliseconds(_chance.Next(5) switch { < 2 => 0, < 4 => _chance.Next(1, 6), _ => 30 });
        int tasksPerFile = _chance.Next(1, 6);
        long maxInFlight = _chance.Next(8) == 0 ? 3_000 : 256 << 20;
        int retained = _chance.Next(2, 4);
        long referencedMin = _chance.Next(0, 2) * _chance.Next(0, 3_000);
        int referencedFolders = _chance.Next(1, 5);
        int perChannel = _chance.Next(1, 3);
        int floating = _chance.Next(0, 9);
        int overdraft = _chance.Next(0, 6);
        long overflow = _chance.Next(5) switch { < 3 => 0, 3 => _chance.Next(20_000, 300_000), _ => 64 << 20 }; // A batch takes about 25,000.
        int spillRegion = 1 << _chance.Next(10, 19);
        return (maxParallelism, from) => new JobSettings
        {
            Name = "simulated",
            MaxParallelism = maxParallelism,
            RestoreFrom = from,
            CheckpointInterval = interval,
            CheckpointTimeout = timeout,
            CheckpointMode = mode,
            AlignedCheckpointTimeout = turnsAfter,
            TasksPerStateFile = tasksPerFile,
            MaxInFlightBytes = maxInFlight,
            RetainedCheckpoints = retained,
            ReferencedBytesMin = referencedMin,
            ReferencedFoldersMax = referencedFolders,
            BatchesPerChannel = perChannel,
            FloatingBatches = floating,
            MaxOverdraftBuffersPerGate = overdraft,
            MaxOverflowBytes = overflow,
            SpillRegionBytes = spillRegion,
            Restart = new RestartSettings { InitialDelay = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(50), MaxFences = null },
        };
    }

    /// <summary>In some seeds gates have to do with one batch each, in some there is no room for copies of state. Not of the seed's chance, so that all else in it is as it would be with more.</summary>
    private MemoryBudget DrawMemory() => (_seed % 7) switch
    {
        3 => new MemoryBudget { ChannelBytesMax = _seed % 4 * 50_000 }, // A batch takes about 25,000.
        5 => new MemoryBudget { CopyBytesMax = 1 },
        _ => new MemoryBudget(),
    };

    /// <summary>So many that some thousand records go over edges, whatever the graph makes of one.</summary>
    private int DrawRecords()
    {
        int sample = 0;
        long last = -200;
        int made = new ExpectedOutput(_graph, node => Enumerable.Range(0, 200).Select(_ => new Token { Seq = --last, Key = sample++ })).Work;
        return Math.Clamp(_chance.Next(5_000, 22_000) * 200 / made, 100, 1_500);
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
            _log.Append(source.Id, (int)(token.Key % partitions), new SimulatedLog.Entry(key, value.Written.ToArray()));
            yield return token;
        }
    }

    private IEnumerable<(Token Token, byte[] Body)> Output(SimulatedNode sink) =>
        from partition in Enumerable.Range(0, _log.Partitions(sink.Id).Count)
        from entry in _log.ReadCommitted(sink.Id, partition)
        let token = Token.ReadValue(BinaryPrimitives.ReadInt64BigEndian(entry.Key), entry.Value, 0)
        select (token, token.Body.In(entry.Value).ToArray());

    /// <summary>Where barriers overtake on every edge, from the beginning or since the checkpoint turned, they are through in a time that grows with the job, not with what is queued, nor with what a sink takes.</summary>
    private void CheckBarriers(CheckpointReport report)
    {
        if (report.Mode != CheckpointMode.Unaligned || _graph.HasBroadcast)
        {
            return;
        }
        // Of so many that could do something, each takes its turn by chance: a barrier waits for one after the other, from task to task and through the coordinator.
        double allowed = (_graph.Nodes.Sum(node => _parallelism[node.Group]) + 10) * (_graph.Nodes.Count + 6) * 0.5;
        var took = report.LastBarrier - (report.TurnedAfter ?? TimeSpan.Zero);
        double share = took.TotalMilliseconds / allowed;
        _figures.BarrierShare = Math.Max(_figures.BarrierShare, share);
        Demand.That(share <= 1, $"barriers took {took.TotalMilliseconds} ms, {allowed:0} are allowed: {report.Verdict}");
    }

    /// <summary>The parts of a report lie within the whole, and its sums are those of what is stored.</summary>
    private void CheckReport(CheckpointReport report)
    {
        foreach (var one in report.Subtasks)
        {
            TimeSpan?[] parts = [one.StartDelay, one.Alignment, one.StartDelay + one.Alignment, one.Sync, one.StateWrite, one.InFlightWrite, one.AcknowledgedAfter];
            Demand.That(Array.TrueForAll(parts, part => part >= TimeSpan.Zero && part <= report.Duration), $"of {report.Duration}: {one}");
            Demand.That(one.AcknowledgedAfter >= one.StartDelay + one.Alignment + one.InFlightWrite, $"acknowledged before it had written: {one}");
            Demand.That(one.ProcessedBytes >= 0, $"took less than nothing: {one}");
            Demand.That(one.SwitchedAfter is null == one.ReadyAfter is null && !(one.SwitchedAfter < one.ReadyAfter), $"switched before it was ready: {one}");
        }
        Assert.Equal((report.InFlightRecords, report.InFlightBytes, report.ReferencedBytes), (report.Subtasks.Sum(one => one.InFlightRecords), report.Subtasks.Sum(one => one.InFlightBytes), report.Subtasks.Sum(one => one.ReferencedBytes)));
        Assert.Equal((report.InFlightRecords, report.InFlightBytes, report.ReferencedBytes), (report.Edges.Sum(one => one.InFlightRecords), report.Edges.Sum(one => one.InFlightBytes), report.Edges.Sum(one => one.ReferencedBytes)));
        Assert.All(report.Edges, one => Demand.That(one.Mode == "unaligned" || one.InFlightRecords == 0, $"nothing overtook, and yet: {one}"));
        if (report.Id % 3 == 0 && _log.Pointer!.CheckpointId == report.Id) // Reading takes long, so one of three; else another life went on meanwhile, and may have deleted it.
        {
            var stored = MetadataOf(_log.Pointer);
            Assert.Equal(stored.InFlightRecords, report.InFlightRecords);
            Assert.Equal(stored.Edges.SelectMany(edge => edge.Channels).SelectMany(channel => channel.Segments).Sum(segment => segment.Bytes), report.InFlightBytes + report.ReferencedBytes);
            Assert.Equal(
                stored.Operators.SelectMany(one => one.Subtasks).Sum(one => one.State.Sum(part => (long)part.Handle.Length) + one.OperatorState.Sum(part => (long)part.Handle.Length)), report.StateBytes);
            Assert.Equal(report.Subtasks, stored.Report!.Subtasks);
            Assert.Equal(report.Edges, stored.Report.Edges);
        }
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
                Assert.True(pointer.PreviousId < pointer.CheckpointId || (pointer.PreviousId == pointer.CheckpointId && CheckpointPaths.IsSavepointFolder(pointer.Location)));
            }
        }
        foreach (var pointer in _log.Pointers.TakeLast(2).Where(pointer => !pointer.IsStart))
        {
            foreach (var handle in MetadataOf(pointer).Edges.SelectMany(edge => edge.Channels).SelectMany(channel => channel.Segments).Select(segment => segment.Handle))
            {
                string file = CheckpointPaths.FileOf(pointer.Location, handle.File);
                Demand.That(_disk.Files.ContainsKey(file), $"{pointer.Location} needs {file}, which is gone");
            }
        }
    }

    private CheckpointMetadata MetadataOf(CheckpointPointer pointer)
    {
        byte[] stored = _disk.Files[CheckpointPaths.MetadataFile(pointer.Location)];
        if (_lastRead.Stored != stored)
        {
            _lastRead = (stored, CheckpointMetadata.Parse(stored));
        }
        return _lastRead.Metadata;
    }

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
        bool isRescaled = IsRescaled(metadata);
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
        NoteIf(IsLayered(metadata), Event.InFlightLayers);
        NoteIf(metadata.References.Count > 0, Event.Referenced);
        NoteIf(metadata.References.Intersect(_referenced).Any(), Event.ReferencedAgain);
        _referenced = metadata.References;
    }

    private bool IsLayered(long checkpoint) => _log.Pointer is { IsStart: false } pointer && pointer.CheckpointId == checkpoint && IsLayered(MetadataOf(pointer));

    private static bool IsLayered(CheckpointMetadata metadata) => metadata.Edges.SelectMany(edge => edge.Channels).Any(channel => channel.Layer > 0);

    private void NoteIf(bool happened, Event what)
    {
        if (happened)
        {
            _figures.Note(what);
        }
    }

    private bool IsRescaled(CheckpointMetadata metadata) => metadata.MaxParallelism != _settings.MaxParallelism || metadata.Operators.Any(stored => stored.Parallelism != _parallelism[_graph.Find(stored.Id).Group]);

    /// <summary>The checkpoint that an attempt begins from, where every subtask goes on as it was; else null.</summary>
    private CheckpointMetadata? RestoredExactly()
    {
        if (_log.Pointer is not { IsStart: false } pointer || MetadataOf(pointer) is not { } metadata || IsRescaled(metadata))
        {
            return null;
        }
        NoteInFlightWatermarks(pointer.Location, metadata);
        return metadata;
    }

    private void NoteInFlightWatermarks(string folder, CheckpointMetadata metadata)
    {
        foreach (var handle in metadata.Edges.SelectMany(edge => edge.Channels).SelectMany(channel => channel.Segments).Select(segment => segment.Handle))
        {
            var payload = _disk.Files[CheckpointPaths.FileOf(folder, handle.File)].AsSpan((int)handle.Offset + SegmentHeader.Size, handle.Length);
            while (!payload.IsEmpty && !RecordFormat.IsWatermark(payload))
            {
                payload = payload[RecordFormat.LengthOf(payload, TokenCodec.Instance.Id)..];
            }
            if (!payload.IsEmpty)
            {
                _figures.Note(Event.InFlightWatermarks);
                return;
            }
        }
    }

    /// <summary>When the job has finished, every subtask has read all its inputs to the last watermark, and handed that on.</summary>
    private void CheckLastWatermarks()
    {
        foreach (var stored in MetadataOf(_log.Pointer!).Operators)
        {
            Assert.All(stored.Subtasks, subtask => Assert.Equal(long.MaxValue, subtask.Watermark ?? long.MaxValue));
            Assert.All(stored.Subtasks.SelectMany(subtask => subtask.ReceivedWatermarks ?? []), received => Assert.Equal(long.MaxValue, received.Watermark));
        }
    }

    private void Note(WatermarkLedger watermarks)
    {
        if (watermarks.SawOnTime)
        {
            _figures.Note(Event.Watermarks);
        }
        if (watermarks.SawLate)
        {
            _figures.Note(Event.LateRecords);
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
        NoteIf(_graph.HasSideOutput, Event.SideOutput);
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
        NoteIf(_faults.SpillFailures > 0, Event.SpillFailure);
    }

    private void NoteOverflow(OverflowStatus overflow)
    {
        NoteIf(overflow.BatchesOverdrawn > 0, Event.Overdrawn);
        NoteIf(overflow.BatchesInMemory > 0, Event.OverflowInMemory);
        NoteIf(_memory.ChannelBytes >= _memory.ChannelBytesMax, Event.ChannelMemoryUsedUp);
    }

    /// <summary>Notes what went wrong, as the plan of faults says, and nothing else. What was spilled comes back as it was, for no simulated disk changes it: else its room was used again too early.</summary>
    private void NoteTrouble(string what)
    {
        _lastTrouble = what;
        Assert.DoesNotContain("damaged", what, StringComparison.Ordinal);
        Assert.DoesNotContain("Invariant broken", what, StringComparison.Ordinal);
    }

    /// <summary>One process that runs the job.</summary>
    private sealed class Life(JobRunner runner, SimulatedExecutor executor, SimulatedConnectorFactory factory, BroadcastLedger ledger, WatermarkLedger watermarks)
    {
        public JobRunner Runner => runner;

        public SimulatedExecutor Executor => executor;

        public SimulatedConnectorFactory Factory => factory;

        public BroadcastLedger Ledger => ledger;

        public WatermarkLedger Watermarks => watermarks;

        public CancellationTokenSource Stop { get; } = new();

        public CancellationTokenSource Cancel { get; } = new();

        public Task<JobOutcome> Run { get; set; } = null!;
    }

    private sealed class Observer(Simulation simulation, BroadcastLedger ledger, WatermarkLedger watermarks) : IJobObserver
    {
        private const int Watched = 4;

        private int _watches;

        public void Started(long? restored, long inFlightRecords)
        {
            _watches = inFlightRecords > 0 ? Watched : 0;
            ledger.Clear();
            watermarks.Begin(restored is null ? null : simulation.RestoredExactly());
            if (restored is not null)
            {
                simulation.NoteRestore(inFlightRecords);
            }
        }

        public void CheckpointCompleted(CheckpointReport report)
        {
            simulation._figures.Completed(report);
            simulation.Note(watermarks);
            simulation.CheckBarriers(report);
            simulation.CheckReport(report);
            simulation.NoteOverflow(simulation._runner!.Status.Overflow);
            if (_watches > 0)
            {
                simulation._faults.CheckpointAfterRestore(isFirst: _watches-- == Watched, simulation.IsLayered(report.Id));
            }
        }

        public void CheckpointFailed(long checkpoint, TimeSpan age, string verdict)
        {
            simulation._figures.Note(Event.GivenUp);
            simulation.NoteTrouble(verdict);
            simulation.NoteIf(verdict.Contains("copies of state", StringComparison.Ordinal), Event.CopyMemoryUsedUp);
        }

        public void Restarting(Exception failure, TimeSpan delay) => simulation.NoteTrouble(failure.Message);
    }
}
