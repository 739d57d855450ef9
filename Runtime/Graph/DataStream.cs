using System.Diagnostics.CodeAnalysis;
using Weir.Runtime;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;

namespace Weir;

/// <summary>A stream of records on its way through a job: what an operator emits, and how it reaches the next one.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>A record must not be changed after it was emitted: streams with several consumers hand the same one to all of them.</remarks>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of records is what it is; it has nothing of System.IO.")]
public class DataStream<T>
{
    private readonly StreamPart<T>[] _parts;

    internal DataStream(JobGraph graph, StreamPart<T>[] parts)
    {
        Graph = graph;
        _parts = parts;
    }

    /// <summary>The job's codecs, for connectors that turn parts of a record into bytes.</summary>
    public CodecRegistry Codecs => Graph.Codecs;

    private protected JobGraph Graph { get; }

    /// <summary>Makes an operator take this stream and another.</summary>
    internal DataStream<TOut> AddTwoInputs<TOther, TOut>(DataStream<TOther> other, OperatorNode node, StreamOutput<TOut> output)
    {
        if (other.Graph != Graph)
        {
            throw new ArgumentException("A stream of another job can't be connected.", nameof(other));
        }
        var made = AddTransform(node, output);
        other.LeadTo(node, input: 1);
        return made;
    }


    /// <summary>Makes one record of each.</summary>
    public DataStream<TOut> Map<TOut>(Func<T, TOut> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Map((in T record) => map(record));
    }

    /// <summary>Makes one record of each, read in place.</summary>
    public DataStream<TOut> Map<TOut>(RecordFunc<T, TOut> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Transform<TOut>("map", (id, _, output) => new MapOperator<T, TOut>(id, map, output));
    }

    /// <summary>Keeps the records for which the condition is true.</summary>
    public DataStream<T> Filter(Func<T, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Filter((in T record) => condition(record));
    }

    /// <summary>Keeps the records for which the condition, which reads them in place, is true.</summary>
    public DataStream<T> Filter(RecordFunc<T, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return SameRecords(Transform<T>("filter", (id, _, output) => new FilterOperator<T>(id, condition, output)));
    }

    /// <summary>Makes any number of records of each.</summary>
    public DataStream<TOut> FlatMap<TOut>(Action<T, Collector<TOut>> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return FlatMap((in T record, Collector<TOut> output) => map(record, output));
    }

    /// <summary>Makes any number of records of each, read in place.</summary>
    public DataStream<TOut> FlatMap<TOut>(FlatMapFunc<T, TOut> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Transform<TOut>("flat-map", (id, _, output) => new FlatMapOperator<T, TOut>(id, map, output));
    }

    /// <summary>Lets at most so many records a second through each subtask, and holds up what is before it.</summary>
    /// <param name="recordsPerSecondPerSubtask">More than 0; what was not used is saved for a tenth of a second.</param>
    public DataStream<T> Throttle(double recordsPerSecondPerSubtask)
    {
        if (!(recordsPerSecondPerSubtask > 0) || !double.IsFinite(recordsPerSecondPerSubtask))
        {
            throw new ArgumentOutOfRangeException(nameof(recordsPerSecondPerSubtask), recordsPerSecondPerSubtask, "A throttle's rate is a number of records per second above 0.");
        }
        return SameRecords(Transform<T>("throttle", (id, context, output) => new ThrottleOperator<T>(id, recordsPerSecondPerSubtask, context, output)));
    }

    /// <summary>Gives each record its event time, and says behind the records how far event time has come: by watermarks, which the operators behind can read.</summary>
    /// <param name="id">Unique within the job: by it the highest time so far is restored, so that a watermark never goes back.</param>
    /// <param name="timestamp">Reads the time of a record, in ms since 1970.</param>
    /// <param name="maxOutOfOrderness">How much older than the newest one a record may be, 0 at least: one that is older than that is late. A longer time makes less late, and everything that waits for a watermark wait longer.</param>
    /// <param name="idleness">
    /// How long a partition (of other streams: a subtask) may bring no record before event time goes on without it; until it brings some again, which are late where event time has passed them. More than
    /// zero; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever. Null (the default) is 1 min: longer than what a broker takes to come back, and short enough that a quiet partition does not stop a job.
    /// Time in which the subtask has no room for records does not count.
    /// </param>
    /// <remarks>
    /// A watermark is the highest time of the subtask's records, less <paramref name="maxOutOfOrderness"/> and 1 ms; it is sent behind them when the subtask has taken
    /// all there is, and about each millisecond under load. In the task of a source, such as Kafka's, each of its splits (partitions) is followed by itself, and the lowest counts: one that is read
    /// sooner than the others makes none of their records late. A subtask behind it has the lowest watermark of all its inputs; one that comes from no <c>WithWatermarks</c> holds event time up.
    /// </remarks>
    public DataStream<T> WithWatermarks(string id, Func<T, long> timestamp, TimeSpan maxOutOfOrderness, TimeSpan? idleness = null)
    {
        ArgumentNullException.ThrowIfNull(timestamp);
        return WithWatermarks(id, (in T record) => timestamp(record), maxOutOfOrderness, idleness);
    }

    /// <summary>Gives each record its event time, read in place, and says behind the records how far event time has come.</summary>
    /// <inheritdoc cref="WithWatermarks(string, Func{T, long}, TimeSpan, TimeSpan?)"/>
    public DataStream<T> WithWatermarks(string id, RecordFunc<T, long> timestamp, TimeSpan maxOutOfOrderness, TimeSpan? idleness = null)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(timestamp);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxOutOfOrderness, TimeSpan.Zero);
        var patience = idleness ?? WatermarkBounds.DefaultIdleness;
        if (patience != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(patience, TimeSpan.Zero, nameof(idleness));
        }
        var node = new WatermarkNode<T>(timestamp, new WatermarkBounds((long)Math.Ceiling(maxOutOfOrderness.TotalMilliseconds), patience)) { GivenId = id };
        return SameRecords(AddTransform(node, node.Output));
    }

    /// <summary>Sends all records of a key to the same subtask of the next operator, which may keep state for each key.</summary>
    /// <param name="key">Reads the key of a record: an integer, Guid, string, bytes, or a type whose key codec is in <see cref="JobBuilder.Codecs"/>.</param>
    public KeyedStream<TKey, T> KeyBy<TKey>(Func<T, TKey> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return KeyBy((in T record) => key(record));
    }

    /// <summary>Sends all records of a key to the same subtask of the next operator; the key is read in place.</summary>
    /// <param name="key">Reads the key of a record.</param>
    public KeyedStream<TKey, T> KeyBy<TKey>(RecordFunc<T, TKey> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var partitioning = new KeyPartitioning<TKey, T>(key);
        return new KeyedStream<TKey, T>(Graph, Partitioned(partitioning), partitioning);
    }

    /// <summary>Joins this stream and others into one; in which order their records come is open.</summary>
    public DataStream<T> Union(params ReadOnlySpan<DataStream<T>> others)
    {
        var parts = new List<StreamPart<T>>(_parts);
        foreach (var other in others)
        {
            ArgumentNullException.ThrowIfNull(other);
            if (other.Graph != Graph)
            {
                throw new ArgumentException("A stream of another job can't be part of a union.", nameof(others));
            }
            parts.AddRange(other._parts);
        }
        return new DataStream<T>(Graph, [.. parts]);
    }

    /// <summary>Deals the records evenly to the subtasks of the next operator; their order is lost.</summary>
    public DataStream<T> Rebalance() => new(Graph, Partitioned(new RebalancePartitioning<T>()));

    /// <summary>Sends every record to all subtasks of the next operator.</summary>
    /// <remarks>
    /// Barriers of checkpoints never overtake these records, since all subtasks must have seen the same of them: behind it a checkpoint takes as long as they are queued.
    /// </remarks>
    public DataStream<T> Broadcast() => new(Graph, Partitioned(new BroadcastPartitioning<T>()));

    /// <summary>Joins this stream and another of other records, for an operator that takes both.</summary>
    public ConnectedStreams<T, TOther> Connect<TOther>(DataStream<TOther> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new ConnectedStreams<T, TOther>(this, other);
    }

    /// <summary>Hands each record to an operator of the user's, which may keep state of its own in each subtask.</summary>
    /// <typeparam name="TProcess">The operator; one is made for each subtask, by the host's services, the subtask's <see cref="OperatorState"/> and its <see cref="SubtaskInfo"/>.</typeparam>
    /// <typeparam name="TOut">What it emits.</typeparam>
    /// <param name="id">Unique within the job: by it the state is restored.</param>
    public DataStream<TOut> Process<TProcess, TOut>(string id)
        where TProcess : StreamProcess<T, TOut>
    {
        ArgumentNullException.ThrowIfNull(id);
        var node = new ProcessNode<T, TOut>(ProcessFactory<TProcess>.Make) { GivenId = id };
        return AddTransform(node, node.Output);
    }

    /// <summary>Sends each record to the subtask of the next operator that a rule chooses.</summary>
    /// <param name="choice">Gives a number from 0 to one less than there are subtasks. The same record must give the same number again, also after a restart.</param>
    public DataStream<T> Partition(PartitionChoice<T> choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        return new(Graph, Partitioned(new CustomPartitioning<T>(choice)));
    }

    /// <summary>Begins a stream with what the operator right before emits to a side output. What this stream has is not changed by it.</summary>
    /// <param name="tag">Which one.</param>
    public DataStream<TSide> SideOutput<TSide>(OutputTag<TSide> tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        _ = OperatorBefore(nameof(SideOutput));
        var node = _parts[0].Output.Node;
        if (!node.HasSideOutputs)
        {
            Graph.Errors.Add($"Operator '{node.Label}' has no side output '{tag.Name}': only sources and operators of Process(..) emit to side outputs.");
        }
        return new DataStream<TSide>(Graph, [new StreamPart<TSide>(node.SideOutput(tag), new ForwardPartitioning<TSide>())]);
    }

    /// <summary>Ends the stream in a sink.</summary>
    /// <param name="sink">The sink; its name is the operator's id.</param>
    public DataSink To(SinkDescription<T> sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var node = new SinkNode<T>(sink);
        AddConsumer(node);
        return new DataSink(node);
    }

    /// <summary>Says how many subtasks the operator right before has; by default as many as the job's settings say.</summary>
    public DataStream<T> WithParallelism(int parallelism)
    {
        foreach (var part in OperatorBefore(nameof(WithParallelism)))
        {
            part.Output.Node.GivenParallelism = parallelism;
        }
        return this;
    }

    /// <summary>Names the operator right before: by its id its state and its records in flight are restored.</summary>
    /// <param name="id">Unique within the job: letters, digits, '.', '_' and '-'.</param>
    public DataStream<T> WithId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        foreach (var part in OperatorBefore(nameof(WithId)))
        {
            part.Output.Node.GivenId = id;
        }
        return this;
    }

    /// <summary>Says how the records of this stream are stored while they are in flight; by default as <see cref="JobBuilder.Codecs"/> says for their type.</summary>
    public DataStream<T> WithCodec(Codec<T> codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        foreach (var part in _parts)
        {
            part.Output.Codec = codec;
        }
        return this;
    }

    private protected DataStream<TOut> AddTransform<TOut>(OperatorNode node, StreamOutput<TOut> output)
    {
        AddConsumer(node);
        return new DataStream<TOut>(Graph, [new StreamPart<TOut>(output, new ForwardPartitioning<TOut>())]);
    }

    private DataStream<TOut> Transform<TOut>(string kind, MakeOperator<T, TOut> make)
    {
        var node = new TransformNode<T, TOut>(kind, make);
        return AddTransform(node, node.Output);
    }

    /// <summary>An operator that hands on what it took stores it in the same way, too.</summary>
    private DataStream<T> SameRecords(DataStream<T> made)
    {
        made._parts[0].Output.Before = _parts[0].Output;
        return made;
    }

    private void AddConsumer(OperatorNode node)
    {
        Graph.Add(node);
        LeadTo(node, input: 0);
    }

    private void LeadTo(OperatorNode node, int input)
    {
        foreach (var part in _parts)
        {
            Graph.Connect(part.Output, part.Partitioning, node, input);
        }
    }

    private StreamPart<T>[] Partitioned(Partitioning<T> partitioning) => Array.ConvertAll(_parts, part => part with { Partitioning = partitioning });

    private ReadOnlySpan<StreamPart<T>> OperatorBefore(string call)
    {
        if (_parts is [{ Partitioning: ForwardPartitioning<T> }])
        {
            return _parts;
        }
        Graph.Errors.Add(
            $"{call} is about the operator right before it, but what comes before it is a union, a partitioning or a KeyBy after '{_parts[0].Output.Node.Label}'; " +
            "move it to an operator.");
        return [];
    }
}
