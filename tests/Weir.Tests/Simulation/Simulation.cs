using System.Buffers.Binary;
using System.Globalization;
using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Tests.Simulation;

/// <summary>The ledger job from a seed: topology, speed, faults and the order of every step come from it, so a failing seed replays.</summary>
internal sealed class Simulation
{
    /// <summary>More than ten times what the slowest seed needs: beyond it something stands still.</summary>
    private const long StepsMax = 400_000;

    private readonly int _seed;
    private readonly Random _chance;
    private readonly Faults _faults;
    private readonly SimulatedDisk _disk = new();
    private readonly SimulatedLog _log = new();
    private readonly Func<int, JobSettings> _settingsAt;
    private readonly SimulatedTopology _topology;
    private readonly int _records;
    private readonly int _accounts;
    private readonly Observer _observer = new();
    private readonly CheckpointMode _mode;
    private SimulatedTime _time = new();
    private int _parallelism;

    public Simulation(int seed)
    {
        _seed = seed;
        _chance = new SeededChance(seed);
        _faults = new Faults(_chance);
        _records = _chance.Next(500, 3000);
        _accounts = _chance.Next(1, 60);
        _topology = (SimulatedTopology)(_chance.Next(5) switch { < 3 => 0, 3 => 1, _ => 2 });
        _parallelism = _chance.Next(1, 5);
        var interval = TimeSpan.FromMilliseconds(_chance.Next(1, 30)); // A step takes 0.2 ms.
        var timeout = TimeSpan.FromMilliseconds(_chance.Next(4) == 0 ? 10 : 60_000);
        _mode = _chance.Next(6) == 0 ? CheckpointMode.Aligned : CheckpointMode.Unaligned;
        var aligned = TimeSpan.FromMilliseconds(_chance.Next(5) switch { < 2 => 0, < 4 => _chance.Next(1, 4), _ => 20 });
        int share = _chance.Next(1, 6);
        _settingsAt = parallelism => new JobSettings
        {
            Name = "ledger",
            Parallelism = parallelism,
            MaxParallelism = 16,
            CheckpointInterval = interval,
            CheckpointTimeout = timeout,
            CheckpointMode = _mode,
            AlignedCheckpointTimeout = aligned,
            TasksPerStateFile = share,
            Restart = new RestartSettings { InitialDelay = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(50) },
        };
        _log.CreateTopic("in", _chance.Next(1, 7));
        _log.CreateTopic("out", _chance.Next(1, 7));
        Feed();
    }

    public Figures Figures => new(
        _records, _observer.Completed, _observer.GivenUp, _observer.Restores, _observer.RestoresInFlight, _observer.InFlightRecords, _faults.Crashes, _faults.StorageFailures, _faults.CommitsInDoubt,
        _mode, _observer.Turned, _observer.RescalesInFlight);

    /// <summary>Runs to the end, through all faults, and checks what came out.</summary>
    public Simulation Run()
    {
        try
        {
            long steps = 0;
            while (!Live(ref steps))
            {
            }
            CheckOutput();
            CheckPointers();
            return this;
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"Seed {_seed} failed; it replays by: dotnet run --project tests/Weir.Tests -- --filter-class {typeof(LedgerSimulationTests).FullName} -- with WEIR_SEED={_seed}. {failure.Message}"),
                failure);
        }
    }

    /// <summary>One life; true when the job has finished, false when it crashed.</summary>
    private bool Live(ref long steps)
    {
        // The test framework has one of its own, which would send continuations to other threads.
        SynchronizationContext.SetSynchronizationContext(null);
        var time = new SimulatedTime();
        time.Advance(_time.Ticks);
        _time = time;
        var executor = new SimulatedExecutor(time, _chance);
        var runner = new JobRunner(
            new SimulatedJob(_topology),
            _settingsAt(_parallelism),
            new SimulatedStorage(_disk, executor, _faults),
            new SimulatedConnectorFactory(_log, executor, _faults, _chance, bounded: true),
            new JobRunnerServices { Executor = executor, Observer = _observer, Chance = _chance });
        var run = runner.RunAsync(CancellationToken.None, CancellationToken.None);
        while (!runner.HasEnded)
        {
            Assert.True(executor.Step(), $"nothing can happen any more: a deadlock at step {steps}, {runner.Status}");
            Assert.True(++steps < StepsMax, $"no progress: {runner.Status}");
            if (steps == StepsMax / 10)
            {
                _faults.Over = true;
            }
            if (_faults.CrashNow(steps: 300))
            {
                Rescale();
                return false;
            }
        }
#pragma warning disable xUnit1031 // It has ended; only the hand-over of its result is another thread's.
        Assert.Equal(JobOutcome.Finished, run.GetAwaiter().GetResult());
#pragma warning restore xUnit1031
        return true;
    }

    /// <summary>The next life may have another number of subtasks.</summary>
    private void Rescale()
    {
        int before = _parallelism;
        _parallelism = _chance.Next(2) == 0 ? before : _chance.Next(1, 6);
        _observer.IsRescaled = _parallelism != before;
    }

    private void Feed()
    {
        int partitions = _log.Partitions("in").Count;
        for (long seq = 0; seq < _records; seq++)
        {
            long account = _chance.Next(_accounts);
            byte[] key = new byte[8];
            byte[] value = new byte[32 + _chance.Next(0, 100)];
            BinaryPrimitives.WriteInt64BigEndian(key, account);
            BinaryPrimitives.WriteInt64BigEndian(value, seq);
            BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(16), seq + 1);
            value.AsSpan(32).Fill((byte)seq);
            _log.Append("in", (int)(account % partitions), key, value, null);
        }
    }

    /// <summary>Every record once, each account's in order, with the right balance and its own bytes.</summary>
    private void CheckOutput()
    {
        var balances = new Dictionary<long, long>();
        var last = new Dictionary<long, long>();
        var numbers = new HashSet<long>();
        int seen = 0;
        foreach (var entry in Enumerable.Range(0, _log.Partitions("out").Count).SelectMany(partition => _log.ReadCommitted("out", partition)))
        {
            long account = BinaryPrimitives.ReadInt64BigEndian(entry.Key);
            long seq = BinaryPrimitives.ReadInt64BigEndian(entry.Value);
            if (_topology != SimulatedTopology.Rebalanced)
            {
                Assert.True(last.GetValueOrDefault(account, -1) < seq, $"account {account}: {seq} comes after {last.GetValueOrDefault(account, -1)}");
                last[account] = seq;
            }
            balances[account] = balances.GetValueOrDefault(account) + seq + 1;
            Assert.Equal(balances[account], BinaryPrimitives.ReadInt64BigEndian(entry.Value.AsSpan(24)));
            Assert.True(numbers.Add(seq), $"{seq} is there twice");
            Assert.True(entry.Value.AsSpan(32).IndexOfAnyExcept((byte)seq) < 0, $"the bytes of {seq} are another record's");
            seen++;
        }
        Assert.Equal(_records, seen);
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
            _ = CheckpointMetadata.Parse(_disk.Files[CheckpointPaths.MetadataFile(pointer.Location)]);
        }
    }

    private sealed class Observer : IJobObserver
    {
        public int Completed { get; private set; }

        public int GivenUp { get; private set; }

        public int Restores { get; private set; }

        public int RestoresInFlight { get; private set; }

        public long InFlightRecords { get; private set; }

        public void Started(long? restored, long inFlightRecords)
        {
            if (restored is not null)
            {
                Restores++;
                RestoresInFlight += inFlightRecords > 0 ? 1 : 0;
                InFlightRecords += inFlightRecords;
                RescalesInFlight += IsRescaled && inFlightRecords > 0 ? 1 : 0;
            }
        }

        public int Turned { get; private set; }

        public int RescalesInFlight { get; private set; }

        /// <summary>Whether this life has another number of subtasks than the one before.</summary>
        public bool IsRescaled { get; set; }

        public void CheckpointCompleted(CheckpointReport report)
        {
            Completed++;
            Turned += report.TurnedAfter is null ? 0 : 1;
        }

        public void CheckpointFailed(long checkpoint, TimeSpan age, string verdict) => GivenUp++;
    }
}

/// <summary>What happened in one seed.</summary>
internal sealed record Figures(
    int Records, int Checkpoints, int GivenUp, int Restores, int RestoresInFlight, long InFlightRecords, int Crashes, int StorageFailures, int CommitsInDoubt, CheckpointMode Mode, int Turned, int RescalesInFlight);
