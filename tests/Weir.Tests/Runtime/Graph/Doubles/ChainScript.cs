using Microsoft.Extensions.Logging.Abstractions;
using Weir.Runtime;
using Weir.Runtime.Graph;
using Weir.Runtime.Operators;
using Weir.StateStore;

namespace Weir.Tests.Graph;

/// <summary>The chain of one subtask, called directly: records in at its head, and what its last operator emits.</summary>
internal sealed class ChainScript<TIn, TOut>
{
    public ChainScript(Action<JobBuilder> build, int task, ManualTime? time = null, IServiceProvider? services = null)
    {
        Plan = GraphScript.Plan(build, services: services);
        var plan = Plan.Tasks[task];
        var context = new SubtaskContext
        {
            Subtask = 0,
            Parallelism = 1,
            MaxParallelism = Plan.Settings.MaxParallelism,
            Record = Record,
            Time = time ?? new ManualTime(),
            Wake = () => Wakes++,
            Codecs = Plan.Codecs,
            Services = services,
            Sinks = plan.Nodes.OfType<SinkNode>().ToDictionary(sink => sink.Id, sink => sink.Open(null!)),
            Logger = NullLogger.Instance,
        };
        var groups = new KeyGroups(Plan.Settings.MaxParallelism);
        Chain = plan.Build(context, _ => Output, node => node.OpenState(Plan.Codecs, groups, groups.RangeOf(0, 1), StateBudget.Unbounded));
    }

    public ExecutionPlan Plan { get; }

    public RecordContext Record { get; } = new();

    public Capture<TOut> Output { get; } = new();

    public OperatorChain Chain { get; }

    public int Wakes { get; private set; }

    public bool IsReady => Chain.Operators.All(member => member.IsReady);

    public void Take(params ReadOnlySpan<TIn> records)
    {
        foreach (var record in records)
        {
            ((Collector<TIn>)Chain.Head).Emit(in record);
        }
    }

    /// <summary>The same, over the keyed edge, which brings the hash of the key.</summary>
    public void TakeKeyed<TKey>(KeyCodec<TKey> keys, Func<TIn, TKey> keyOf, params ReadOnlySpan<TIn> records)
    {
        foreach (var record in records)
        {
            var key = keyOf(record);
            Record.Hash = keys.Hash(in key);
            ((Collector<TIn>)Chain.Head).Emit(in record);
        }
    }
}
