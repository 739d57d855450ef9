using Weir.Runtime;
using Weir.Runtime.Graph;

namespace Weir.Tests.Graph;

/// <summary>A job in a line of a test, and the plan or the refusal it leads to.</summary>
internal static class GraphScript
{
    public static ExecutionPlan Plan(Action<JobBuilder> build, int parallelism = 1, int maxParallelism = 128, IServiceProvider? services = null, bool allowDroppedState = false) =>
        ExecutionPlan.Of(new ScriptedJob(build), Settings(parallelism, maxParallelism, allowDroppedState), services);

    public static ExecutionPlan Plan(IJob job, int parallelism = 1) => ExecutionPlan.Of(job, Settings(parallelism, 128), services: null);

    /// <summary>What is wrong with the job, as its user reads it.</summary>
    public static string Refusal(Action<JobBuilder> build, int parallelism = 1, int maxParallelism = 128)
    {
        var refusal = Assert.Throws<JobException>(() => Plan(build, parallelism, maxParallelism));
        Assert.Equal(JobFailure.Configuration, refusal.Reason);
        return refusal.Message;
    }

    public static DataStream<long> Numbers(this JobBuilder job, string name = "numbers") => job.From(new NoSource<long>(name));

    public static DataSink ToNowhere<T>(this DataStream<T> stream, string name = "nowhere") => stream.To(new ListSink<T>(name));

    /// <summary>The ids of each task's operators.</summary>
    public static string[] Chains(this ExecutionPlan plan) => [.. plan.Tasks.Select(task => task.Name)];

    public static string[] EdgeIds(this ExecutionPlan plan) => [.. plan.Edges.Select(edge => $"{edge.Id} {edge.Kind}")];

    private static JobSettings Settings(int parallelism, int maxParallelism, bool allowDroppedState = false) =>
        new() { Name = "test", Parallelism = parallelism, MaxParallelism = maxParallelism, AllowDroppedState = allowDroppedState };

    private sealed class ScriptedJob(Action<JobBuilder> build) : IJob
    {
        public void Build(JobBuilder job) => build(job);
    }
}

/// <summary>A source that is only declared.</summary>
internal sealed class NoSource<T>(string name, Codec<T>? records = null) : SourceDescription<T>(name)
{
    public override Codec<T>? Records => records;

    public override ISplitSource<T> Open(IConnectors connectors) => throw new NotSupportedException();
}
