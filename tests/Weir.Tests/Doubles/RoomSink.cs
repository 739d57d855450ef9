using Weir.Runtime;

namespace Weir.Tests.Doubles;

/// <summary>Takes as many records as a test gives it room for. What was written behind a subtask's last snapshot can be taken back, as a sink that is exactly-once does after a crash.</summary>
internal sealed class RoomSink<T>(string name, int room = int.MaxValue, bool isTransactional = false) : SinkDescription<T>(name)
{
    private readonly List<(Writer Writer, int Number, T Record)> _written = [];
    private readonly List<Writer> _writers = [];
    private int _room = room;

    public override bool IsTransactional { get; } = isTransactional;

    /// <summary>What was written, in order.</summary>
    public IEnumerable<T> Records => _written.Select(one => one.Record);

    public int Count => _written.Count;

    /// <summary>Runs within each write.</summary>
    public Action<T>? OnWrite { get; set; }

    /// <summary>Gives room for so many more records.</summary>
    public void Give(int records)
    {
        _room = (int)Math.Min(int.MaxValue, (long)_room + records);
        foreach (var writer in _writers)
        {
            writer.Wake();
        }
    }

    /// <summary>Takes back what no snapshot covers.</summary>
    public void TakeBack() => _written.RemoveAll(one => one.Number >= one.Writer.Covered);

    public override ISink<T> Open(IConnectors connectors) => new Opened(this);

    private sealed class Opened(RoomSink<T> sink) : ISink<T>
    {
        public bool IsTransactional => sink.IsTransactional;

        public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ISinkWriter<T> CreateWriter(int subtask, Action wake)
        {
            var writer = new Writer(sink, wake);
            sink._writers.Add(writer);
            return writer;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Writer(RoomSink<T> sink, Action wake) : ISinkWriter<T>
    {
        private int _count;

        public bool IsReady => sink._room > 0;

        /// <summary>How many of its records the last snapshot covers.</summary>
        public int Covered { get; private set; }

        public void Wake() => wake();

        public void Write(in T record, RecordContext context)
        {
            sink._room--;
            sink._written.Add((this, _count++, record));
            sink.OnWrite?.Invoke(record);
        }

        public void EndStep()
        {
        }

        public void Switch(long checkpoint) => Covered = _count;

        public ValueTask FlushAsync(CancellationToken cancellation)
        {
            Covered = _count;
            return ValueTask.CompletedTask;
        }

        public void Dispose() => sink._writers.Remove(this);
    }
}
