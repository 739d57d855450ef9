using System.Globalization;
using Weir.Runtime;

namespace Weir.Testing;

/// <summary>Opens a job's sources and sinks on the log of a test.</summary>
internal sealed class LogConnectorFactory(SimulatedLog log, SimulatedExecutor executor, Random chance) : IConnectorFactory
{
    private readonly List<(string Source, Action Wake)> _readers = [];

    public SimulatedLog Log => log;

    public SimulatedExecutor Executor => executor;

    public Random Chance => chance;

    public IConnectors Open(ConnectorContext context) => new LogConnectors(this, context.LifeId);

    /// <summary>There is more to read for a source.</summary>
    public void Wake(string source)
    {
        foreach (var (_, wake) in _readers.Where(reader => reader.Source == source).ToList())
        {
            wake();
        }
    }

    public void Add(string source, Action wake) => _readers.Add((source, wake));

    public void Remove(Action wake) => _readers.RemoveAll(reader => reader.Wake == wake);
}

/// <summary>The connectors of one life: sources, sinks, and the commit they share.</summary>
internal sealed class LogConnectors(LogConnectorFactory factory, string life) : IConnectors
{
    private readonly SimulatedCommit _commit = new(life, factory.Log, factory.Executor);

    public ICheckpointCommit Commit => _commit;

    public ISource<T> OpenSource<T>(LogSource<T> source) => new Source<T>(factory, source);

    public ISink<T> OpenSink<T>(LogSink<T> sink) => new Sink<T>(factory, _commit, sink);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Source<T>(LogConnectorFactory factory, LogSource<T> source) : ISplitSource<T>
    {
        public Task<IReadOnlyList<SplitPosition>> DiscoverAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<SplitPosition>>([.. Splits()]);

        // What a checkpoint does not hold is new, and read from its beginning.
        public Task<IReadOnlyList<SplitPosition>> ResumeAsync(IReadOnlyList<SplitPosition> positions, IReadOnlyDictionary<string, string> logs, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<SplitPosition>>([.. positions, .. Splits().ExceptBy(positions.Select(position => position.Split), split => split.Split)]);

        public ISplitReader<T> CreateReader(int subtask, IReadOnlyList<SplitPosition> splits, Action wake) => new Reader<T>(factory, source, splits, wake);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private IEnumerable<SplitPosition> Splits() => factory.Log.Partitions(source.Name).Select((_, partition) => new SplitPosition(string.Create(CultureInfo.InvariantCulture, $"{source.Name}-{partition}"), 0));
    }

    private sealed class Reader<T> : ISplitReader<T>
    {
        private const int TakenMax = 50;

        private readonly LogConnectorFactory _factory;
        private readonly LogSource<T> _source;
        private readonly Action _wake;
        private readonly SplitPosition[] _splits;
        private readonly int[] _partitions;

        public Reader(LogConnectorFactory factory, LogSource<T> source, IReadOnlyList<SplitPosition> splits, Action wake)
        {
            _factory = factory;
            _source = source;
            _wake = wake;
            _splits = [.. splits];
            _partitions = [.. splits.Select(split => int.Parse(split.Split.AsSpan(split.Split.LastIndexOf('-') + 1), CultureInfo.InvariantCulture))];
            factory.Add(source.Name, wake);
        }

        public long? Lag => _splits.Select((split, index) => Partition(index).Count - split.Position).Sum();

        public PollResult Poll(SourceOutput<T> output, int limit)
        {
            int left = Math.Min(limit, _factory.Chance.Next(1, TakenMax));
            int first = _factory.Chance.Next(Math.Max(1, _splits.Length)); // None is always the first to be read.
            for (int turn = 0; turn < _splits.Length; turn++)
            {
                int index = (first + turn) % _splits.Length;
                ref var split = ref _splits[index];
                while (left > 0 && split.Position < Partition(index).Count)
                {
                    if (!output.MayEmit)
                    {
                        return PollResult.More;
                    }
                    Emit(output, index);
                    split = split with { Position = split.Position + 1 };
                    left--;
                }
            }
            return Lag > 0 ? PollResult.More : PollResult.Idle;
        }

        public void AddPositions(ICollection<SplitPosition> positions)
        {
            foreach (var split in _splits)
            {
                positions.Add(split);
            }
        }

        public void Dispose() => _factory.Remove(_wake);

        private List<SimulatedLog.Entry> Partition(int index) => _factory.Log.Partitions(_source.Name)[_partitions[index]];

        private void Emit(SourceOutput<T> output, int index)
        {
            var (position, partition) = (_splits[index].Position, _partitions[index]);
            var entry = Partition(index)[(int)position];
            var record = Decode(LogMessages.Of(entry, _source.Name, partition, position));
            output.Emit(in record, entry.Value, entry.Timestamp, index);
        }

        private T Decode(in Message message)
        {
            try
            {
                return _source.Messages.Decode(in message);
            }
#pragma warning disable CA1031 // A user's codec throws what it likes.
            catch (Exception cause) when (cause is not JobException)
#pragma warning restore CA1031
            {
                throw new JobException(JobFailure.Permanent, $"Source {_source.Name}: record {message.Offset} of {message.Topic}-{message.Partition} can't be decoded: {cause.Message.TrimEnd('.')}. Mend the codec, or what the test added.", cause);
            }
        }
    }

    private sealed class Sink<T>(LogConnectorFactory factory, SimulatedCommit commit, LogSink<T> sink) : ISink<T>
    {
        public bool IsTransactional => sink.IsTransactional;

        public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ISinkWriter<T> CreateWriter(int subtask, Action wake) => new Writer<T>(factory, commit, sink, wake);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Writer<T> : ISinkWriter<T>, IStagedWriter
    {
        private const int StagedMax = 100;
        private const int RestsOneIn = 20;

        private readonly LogConnectorFactory _factory;
        private readonly SimulatedCommit _commit;
        private readonly LogSink<T> _sink;
        private readonly Action _wake;
        private readonly List<(int Partition, SimulatedLog.Entry Entry)> _staged = [];
        private bool _isStaging;
        private bool _isResting;
        private bool _isDisposed;

        public Writer(LogConnectorFactory factory, SimulatedCommit commit, LogSink<T> sink, Action wake)
        {
            _factory = factory;
            _commit = commit;
            _sink = sink;
            _wake = wake;
            commit.Writers.Add(this);
        }

        public bool IsReady => !_isResting && (!_isStaging || _staged.Count < StagedMax);

        public void Write(in T record, RecordContext context)
        {
            var entry = LogMessages.Encode(_sink.Messages, in record, context.Bytes, context.Timestamp, _factory.Executor.Time.GetUtcNow().ToUnixTimeMilliseconds());
            if (entry.Key is null && context.HasKey)
            {
                entry = entry with { Key = context.Key.ToArray() };
            }
            _staged.Add((Choose(in record, entry.Key), entry));
            if (!_isStaging)
            {
                Release();
            }
            Rest();
        }

        public void EndStep()
        {
        }

        public void Switch(long checkpoint) => _isStaging = true;

        public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

        public void StopStaging()
        {
            _isStaging = false;
            Release();
            _wake();
        }

        public void Dispose()
        {
            _commit.Writers.Remove(this);
            _isDisposed = true;
        }

        private int Choose(in T record, byte[]? key)
        {
            int partitions = _factory.Log.Partitions(_sink.Name).Count;
            if (_sink.Partition is not { } choice)
            {
                return key is null ? _factory.Chance.Next(partitions) : LogMessages.PartitionOf(key, partitions);
            }
            int chosen = choice(in record, partitions);
            return chosen >= 0 && chosen < partitions
                ? chosen
                : throw new JobException(JobFailure.Permanent, $"Sink {_sink.Name}: partition {chosen} was chosen for a record, of {partitions} that there are. Choose one from 0 to {partitions - 1}.");
        }

        /// <summary>Now and then it takes nothing for a few steps, as a client whose queue is full, so that everything before it fills up.</summary>
        private void Rest()
        {
            if (_isResting || _factory.Chance.Next(RestsOneIn) > 0)
            {
                return;
            }
            _isResting = true;
            _factory.Executor.Later(() =>
            {
                _isResting = false;
                if (!_isDisposed)
                {
                    _wake();
                }
            });
        }

        private void Release()
        {
            foreach (var (partition, entry) in _staged)
            {
                _commit.Append(_sink.Name, partition, entry, _sink.IsTransactional);
            }
            _staged.Clear();
        }
    }
}
