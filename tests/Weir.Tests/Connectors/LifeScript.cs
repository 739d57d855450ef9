using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Tests.Connectors;

/// <summary>One life of a job as the coordinator would lead it: start, begin, write, checkpoints; step by step, so that a test may stop anywhere.</summary>
internal sealed class LifeScript : IAsyncDisposable
{
    private readonly IConnectors _connectors;
    private readonly List<WriterScript> _writers = [];

    private LifeScript(IConnectors connectors, string life)
    {
        _connectors = connectors;
        Life = life;
    }

    public string Life { get; }

    public ICheckpointCommit Commit => _connectors.Commit;

    public CommitStart? Found { get; private set; }

    /// <summary>Whether pointer 0 was not answered clearly, so that only another start may go on.</summary>
    public bool IsInDoubt { get; private set; }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    /// <summary>Opens the connectors of a life; nothing is taken from anybody yet.</summary>
    public static LifeScript Open(KafkaScript kafka, string life, KafkaJobOptions? options = null, Action<Exception>? fail = null) =>
        new(new KafkaConnectorFactory(options ?? kafka.Options()).Open(kafka.Context(fail, life: life)), life);

    /// <summary>Starts a life, with pointer 0 if it is the first, and begins its transaction.</summary>
    public static async Task<LifeScript> StartAsync(KafkaScript kafka, string life, params string[] topics)
    {
        var script = Open(kafka, life);
        await script.StartAsync(topics);
        return script;
    }

    public async Task StartAsync(params string[] topics)
    {
        var sinks = new List<ISink<string>>();
        foreach (string topic in topics)
        {
            var sink = OpenSink(topic);
            await sink.CheckAsync(Now);
            sinks.Add(sink);
        }
        Found = await Commit.StartAsync(Now).WaitAsync(KafkaScript.Hang, Now);
        if (Found.Pointer is null)
        {
            IsInDoubt = !await Commit.CommitFirstAsync(Pointer(0), Now);
        }
        await Commit.BeginAsync(Now).WaitAsync(KafkaScript.Hang, Now);
        _writers.AddRange(sinks.Select(sink => new WriterScript(sink)));
    }

    public ISink<string> OpenSink(string topic) => _connectors.OpenSink(new LogSink<string>(topic, new TextMessages(), static (in string record, int partitions) => record[^1] % partitions));

    public ISink<T> OpenSink<T>(string topic, MessageCodec<T> messages) => _connectors.OpenSink(new LogSink<T>(topic, messages, partition: null));

    public ISplitSource<T> OpenSource<T>(string topic, MessageCodec<T> messages) => (ISplitSource<T>)_connectors.OpenSource(new LogSource<T>(topic, messages));

    public ISplitSource<string> OpenSource(string topic) => (ISplitSource<string>)_connectors.OpenSource(new LogSource<string>(topic, new TextMessages()));

    /// <summary>The writer of a sink that was started.</summary>
    public WriterScript Writer(int sink = 0) => _writers[sink];

    public CheckpointPointer Pointer(long checkpoint) => new()
    {
        CheckpointId = checkpoint,
        Location = checkpoint == 0 ? "" : $"chk-{checkpoint:D10}-{Life}",
        LifeId = Life,
        PreviousId = checkpoint == 0 ? null : checkpoint - 1,
    };

    /// <summary>Everything up to the commit.</summary>
    public async Task PrepareAsync(long checkpoint, Dictionary<string, IReadOnlyList<SplitPosition>>? positions = null)
    {
        await Commit.MaySwitchAsync(Now).WaitAsync(KafkaScript.Hang, Now);
        foreach (var writer in _writers)
        {
            writer.Writer.Switch(checkpoint);
        }
        await SwitchedAsync(checkpoint, positions);
    }

    /// <summary>What follows when all writers have switched, up to the commit.</summary>
    public async Task SwitchedAsync(long checkpoint, Dictionary<string, IReadOnlyList<SplitPosition>>? positions = null)
    {
        await Commit.SwitchAsync(checkpoint, Now).WaitAsync(KafkaScript.Hang, Now);
        await Commit.PrepareAsync(Pointer(checkpoint), positions ?? [], Now).WaitAsync(KafkaScript.Hang, Now);
    }

    public Task CommitAsync(long checkpoint) => Commit.CommitAsync(Pointer(checkpoint), Now).WaitAsync(KafkaScript.Hang, Now);

    public async Task CheckpointAsync(long checkpoint, Dictionary<string, IReadOnlyList<SplitPosition>>? positions = null)
    {
        await PrepareAsync(checkpoint, positions);
        await CommitAsync(checkpoint);
    }

    public ValueTask DisposeAsync() => _connectors.DisposeAsync();
}
