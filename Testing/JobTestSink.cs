using Weir.Runtime;

namespace Weir.Testing;

/// <summary>A topic that the job under test writes, as its readers see it: each record is read from its message by the sink's codec.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>Each property reads the topic as it is now, in the order in which it was written, all partitions taken together. Slices of a record refer to the value of its message.</remarks>
public sealed class JobTestSink<T>
{
    private readonly SimulatedLog _log;
    private readonly LogSink<T> _sink;

    internal JobTestSink(SimulatedLog log, LogSink<T> sink)
    {
        _log = log;
        _sink = sink;
    }

    /// <summary>All that was written and not undone by a crash: what readers see once a checkpoint is taken.</summary>
    public IReadOnlyList<T> Records => Decode(_log.Read);

    /// <summary>What a reader of committed output sees now: all up to the last checkpoint.</summary>
    public IReadOnlyList<T> Committed => Decode(_log.ReadCommitted);

    /// <summary>The messages of <see cref="Records"/>, one for each.</summary>
    public IReadOnlyList<TestMessage> Messages => [.. InOrder(_log.Read).Select(one => TestMessage.Of(one.Entry, one.Partition))];

    private List<T> Decode(Func<string, int, IEnumerable<SimulatedLog.Entry>> read)
    {
        var records = new List<T>();
        foreach (var (entry, partition, offset) in InOrder(read))
        {
            records.Add(_sink.Messages.Decode(LogMessages.Of(entry, _sink.Name, partition, offset)));
        }
        return records;
    }

    private IEnumerable<(SimulatedLog.Entry Entry, int Partition, int Offset)> InOrder(Func<string, int, IEnumerable<SimulatedLog.Entry>> read) =>
        Enumerable.Range(0, _log.Partitions(_sink.Name).Count)
            .SelectMany(partition => read(_sink.Name, partition).Select((entry, offset) => (Entry: entry, partition, offset)))
            .OrderBy(one => one.Entry.Number);
}
