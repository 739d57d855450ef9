using System.Globalization;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Tests.Simulation;

/// <summary>Opens a job's sources and sinks on a simulated log.</summary>
internal sealed class SimulatedConnectorFactory(SimulatedLog log, SimulatedExecutor executor, Faults faults, Random chance, bool bounded) : IConnectorFactory
{
    public IConnectors Open(ConnectorContext context) => new SimulatedConnectors(context.LifeId, log, executor, faults, chance, bounded);
}

/// <summary>The connectors of one life: sources, sinks, and the commit they share.</summary>
internal sealed class SimulatedConnectors : IConnectors
{
    private readonly SimulatedLog _log;
    private readonly SimulatedExecutor _executor;
    private readonly Random _chance;
    private readonly bool _bounded;
    private readonly SimulatedCommit _commit;

    public SimulatedConnectors(string life, SimulatedLog log, SimulatedExecutor executor, Faults faults, Random chance, bool bounded)
    {
        _log = log;
        _executor = executor;
        _chance = chance;
        _bounded = bounded;
        _commit = new SimulatedCommit(life, log, executor, faults);
    }

    public ICheckpointCommit Commit => _commit;

    public ISplitSource<T> OpenSource<T>(LogSource<T> source) => new Source<T>(this, source);

    public ISink<T> OpenSink<T>(LogSink<T> sink) => new Sink<T>(this, sink);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Source<T>(SimulatedConnectors connectors, LogSource<T> source) : ISplitSource<T>
    {
        public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<SplitPosition>>(
            [.. connectors._log.Partitions(source.Name).Select((partition, index) => new SplitPosition($"{source.Name}-{index}", 0, connectors._bounded ? partition.Count : null))]);

        public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
            Task.FromResult(positions);

        public ISplitReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake) => new Reader<T>(connectors, source, splits, wake);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Reader<T>(SimulatedConnectors connectors, LogSource<T> source, IReadOnlyList<SplitPosition> splits, Action wake) : ISplitReader<T>
    {
        private readonly SplitPosition[] _splits = [.. splits];
        private readonly int[] _partitions = [.. splits.Select(split => int.Parse(split.Split.AsSpan(split.Split.LastIndexOf('-') + 1), CultureInfo.InvariantCulture))];

        public PollResult Poll(SourceOutput<T> output, int limit)
        {
            int most = Math.Min(limit, connectors._chance.Next(1, 50));
            for (int index = 0; index < _splits.Length; index++)
            {
                ref var split = ref _splits[index];
                int number = _partitions[index];
                var partition = connectors._log.Partitions(source.Name)[number];
                while (most > 0 && split.Position < (split.StopAt ?? partition.Count))
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
            if (Array.TrueForAll(_splits, static split => split.Position == split.StopAt))
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

        public void Dispose()
        {
        }
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
            // A client whose queue is full, so that everything before it fills up.
            if (_connectors._chance.Next(20) == 0)
            {
                _resting = true;
                _connectors._executor.Later(() =>
                {
                    _resting = false;
                    _wake();
                });
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

        public void Dispose() => _connectors._commit.Writers.Remove(this);

        private void Release()
        {
            foreach (var (partition, key, value) in _staged)
            {
                _connectors._commit.Append(_sink.Name, partition, key, value);
            }
            _staged.Clear();
        }
    }
}

/// <summary>A writer that stages after a switch.</summary>
internal interface IStagedWriter
{
    /// <summary>The next transaction has begun: what is staged goes into it.</summary>
    void StopStaging();
}
