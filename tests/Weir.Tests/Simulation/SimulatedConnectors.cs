using System.Globalization;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Testing;

namespace Weir.Tests.Simulation;

/// <summary>Opens a job's sources and sinks on a simulated log.</summary>
internal sealed class SimulatedConnectorFactory(SimulatedLog log, SimulatedExecutor executor, Faults faults, Random chance, Func<string, bool> isLegacy) : IConnectorFactory
{
    private Func<bool>? _isCurrentBusy;

    /// <summary>Whether the attempt that runs now has something to do, whatever checkpoints are under way: input is unread, and no sink rests.</summary>
    public bool MustBeBusy => _isCurrentBusy?.Invoke() == true;

    public IConnectors Open(ConnectorContext context)
    {
        var connectors = new SimulatedConnectors(context.LifeId, log, executor, faults, chance, isLegacy);
        _isCurrentBusy = () => connectors.MustBeBusy;
        return connectors;
    }
}

/// <summary>The connectors of one life: sources, sinks, and the commit they share.</summary>
internal sealed class SimulatedConnectors : IConnectors
{
    private readonly SimulatedLog _log;
    private readonly SimulatedExecutor _executor;
    private readonly Random _chance;
    private readonly Faults _faults;
    private readonly Func<string, bool> _isLegacy;
    private readonly SimulatedCommit _commit;
    private readonly List<Func<bool>> _unread = [];
    private int _resting;

    public SimulatedConnectors(string life, SimulatedLog log, SimulatedExecutor executor, Faults faults, Random chance, Func<string, bool> isLegacy)
    {
        _log = log;
        _executor = executor;
        _chance = chance;
        _faults = faults;
        _isLegacy = isLegacy;
        _commit = new SimulatedCommit(life, log, executor, faults.CommitAnswerIsLost);
    }

    public ICheckpointCommit Commit => _commit;

    public bool MustBeBusy => _resting == 0 && _unread.Exists(static isUnread => isUnread());

    public ISource<T> OpenSource<T>(LogSource<T> source) => _isLegacy(source.Name) ? new LegacySource<T>(this, source) : new Source<T>(this, source);

    public ISink<T> OpenSink<T>(LogSink<T> sink) => new Sink<T>(this, sink);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What both kinds of sources find.</summary>
    private abstract class LogReading<T>(SimulatedConnectors connectors, LogSource<T> source) : ISource<T>
    {
        protected SimulatedConnectors Connectors => connectors;

        protected LogSource<T> Description => source;

        public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<SplitPosition>>(
            [.. Splits()]);

        public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<SplitPosition>>([.. positions, .. Splits().ExceptBy(positions.Select(position => position.Split), split => split.Split)]);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        // What a checkpoint does not hold is new, and read from its beginning.
        private IEnumerable<SplitPosition> Splits() => connectors._log.Partitions(source.Name).Select((partition, index) => new SplitPosition($"{source.Name}-{index}", 0, partition.Count));
    }

    private sealed class Source<T>(SimulatedConnectors connectors, LogSource<T> source) : LogReading<T>(connectors, source), ISplitSource<T>
    {
        public ISplitReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake)
        {
            var reader = new Reader<T>(Connectors, Description, splits, wake);
            Connectors._unread.Add(() => reader.IsUnread);
            return reader;
        }
    }

    private sealed class LegacySource<T>(SimulatedConnectors connectors, LogSource<T> source) : LogReading<T>(connectors, source), ILegacySource<T>
    {
        public ILegacyReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits) => new PushingReader<T>(Connectors, Description, splits);
    }

    /// <summary>Pushes records one or a few at a time, now and then so many that its gates do not hold them, and dawdles: between its holds and within them.</summary>
    private sealed class PushingReader<T>(SimulatedConnectors connectors, LogSource<T> source, IReadOnlyList<SplitPosition> splits) : ILegacyReader<T>
    {
        private readonly SplitPosition[] _splits = [.. splits];

        public void Run(LegacyContext<T> context, CancellationToken cancellation)
        {
            for (int index = 0; index < _splits.Length; index++)
            {
                int number = int.Parse(_splits[index].Split.AsSpan(_splits[index].Split.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);
                while (_splits[index].Position < _splits[index].StopAt)
                {
                    Push(context, index, number, many: connectors._chance.Next(40) == 0 ? connectors._chance.Next(500, 3_000) : connectors._chance.Next(1, 4));
                    DawdleNowAndThen();
                    if (cancellation.IsCancellationRequested)
                    {
                        return;
                    }
                }
            }
        }

        public void AddPositions(ICollection<SplitPosition> positions)
        {
            foreach (var split in _splits)
            {
                positions.Add(split);
            }
        }

        public void Dispose()
        {
        }

        private void Push(LegacyContext<T> context, int index, int number, int many)
        {
            using var hold = context.Hold();
            ref var split = ref _splits[index];
            for (; many > 0 && split.Position < split.StopAt; many--)
            {
                var entry = connectors._log.Partitions(source.Name)[number][(int)split.Position];
                var record = source.Messages.Decode(new Message { Key = entry.Key, Value = entry.Value, HasKey = true, HasValue = true, Partition = number, Offset = split.Position });
                hold.Emit(in record, entry.Value, RecordContext.NoTimestamp);
                DawdleNowAndThen();
                split = split with { Position = split.Position + 1 };
            }
        }

        private void DawdleNowAndThen()
        {
            if (connectors._chance.Next(30) == 0)
            {
                connectors._executor.Dawdle();
            }
        }
    }

    private sealed class Reader<T>(SimulatedConnectors connectors, LogSource<T> source, IReadOnlyList<SplitPosition> splits, Action wake) : ISplitReader<T>
    {
        private readonly SplitPosition[] _splits = [.. splits];
        private bool _isDisposed;
        private readonly int[] _partitions = [.. splits.Select(split => int.Parse(split.Split.AsSpan(split.Split.LastIndexOf('-') + 1), CultureInfo.InvariantCulture))];

        public bool IsUnread => !_isDisposed && !Array.TrueForAll(_splits, static split => split.Position == split.StopAt);

        public PollResult Poll(SourceOutput<T> output, int limit)
        {
            int most = Math.Min(limit, connectors._chance.Next(1, 50));
            for (int index = 0; index < _splits.Length; index++)
            {
                ref var split = ref _splits[index];
                int number = _partitions[index];
                var partition = connectors._log.Partitions(source.Name)[number];
                while (most > 0 && split.Position < split.StopAt)
                {
                    if (!output.MayEmit)
                    {
                        return PollResult.More;
                    }
                    var entry = partition[(int)split.Position];
                    var record = source.Messages.Decode(new Message { Key = entry.Key, Value = entry.Value, HasKey = true, HasValue = true, Partition = number, Offset = split.Position });
                    output.Emit(in record, entry.Value, RecordContext.NoTimestamp);
                    split = split with { Position = split.Position + 1 };
                    most--;
                }
            }
            if (!IsUnread)
            {
                return PollResult.Finished;
            }
            if (connectors._chance.Next(4) == 0)
            {
                connectors._executor.Later(wake);
                return PollResult.Idle;
            }
            return PollResult.More;
        }

        public void AddPositions(ICollection<SplitPosition> positions)
        {
            foreach (var split in _splits)
            {
                positions.Add(split);
            }
        }

        public void Dispose() => _isDisposed = true;
    }

    private sealed class Sink<T>(SimulatedConnectors connectors, LogSink<T> sink) : ISink<T>
    {
        public bool IsTransactional => true;

        public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ISinkWriter<T> CreateWriter(int subtask, Action wake) => new Writer<T>(connectors, sink, wake);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Writer<T> : ISinkWriter<T>, IStagedWriter
    {
        private const int StagingMax = 100;

        private readonly SimulatedConnectors _connectors;
        private readonly LogSink<T> _sink;
        private readonly Action _wake;
        private readonly ByteArena _key = new();
        private readonly ByteArena _value = new();
        private readonly List<(int Partition, byte[] Key, byte[] Value)> _staged = [];
        private bool _staging;
        private bool _resting;
        private bool _isDisposed;

        public Writer(SimulatedConnectors connectors, LogSink<T> sink, Action wake)
        {
            _connectors = connectors;
            _sink = sink;
            _wake = wake;
            connectors._commit.Writers.Add(this);
        }

        public bool IsReady => !_resting && (!_staging || _staged.Count < StagingMax);

        public void Write(in T record, RecordContext context)
        {
            _key.Clear();
            _value.Clear();
            _ = _sink.Messages.EncodeKey(in record, context.Bytes, _key);
            _ = _sink.Messages.EncodeValue(in record, context.Bytes, _value);
            var partitions = _connectors._log.Partitions(_sink.Name);
            _staged.Add((_sink.Partition!(in record, partitions.Count), _key.Written.ToArray(), _value.Written.ToArray()));
            if (!_staging)
            {
                Release();
            }
            // A client whose queue is full, so that everything before it fills up; now and then for long.
            if (_connectors._chance.Next(20) == 0)
            {
                Rest(isLong: _connectors._faults.SinkStalls());
            }
        }

        public void EndStep()
        {
        }

        public void Switch(long checkpoint) => _staging = true;

        public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

        public void StopStaging()
        {
            _staging = false;
            Release();
            _wake();
        }

        public void Dispose()
        {
            _connectors._commit.Writers.Remove(this);
            _connectors._resting -= _resting ? 1 : 0;
            _isDisposed = true;
        }

        private void Rest(bool isLong)
        {
            if (_resting)
            {
                return;
            }
            _resting = true;
            _connectors._resting++;
            if (isLong)
            {
                _ = _connectors._executor.Time.CreateTimer(_ => GoOn(), null, Faults.Stall, Timeout.InfiniteTimeSpan);
            }
            else
            {
                _connectors._executor.Later(GoOn);
            }
        }

        private void GoOn()
        {
            if (!_isDisposed)
            {
                _resting = false;
                _connectors._resting--;
                _wake();
            }
        }

        private void Release()
        {
            foreach (var (partition, key, value) in _staged)
            {
                _connectors._commit.Append(_sink.Name, partition, new SimulatedLog.Entry(key, value));
            }
            _staged.Clear();
        }
    }
}
