using Weir.Runtime.Checkpointing;
using Weir.Runtime.Graph;
using Weir.StateStore;
using Weir.Tests.Graph;

namespace Weir.Tests.Runtime;

/// <summary>What of a checkpoint fits a job whose number of subtasks has changed.</summary>
public sealed class RestorePlanTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void In_flight_records_of_a_keyed_edge_fit_any_parallelism(int parallelism)
    {
        var plan = Keyed(parallelism);

        Assert.Empty(RestorePlan.Mismatches(plan, Taken(plan, parallelism: 2), slot: 0));
    }

    [Fact]
    public void Those_between_subtasks_of_equal_number_fit_the_old_one_only()
    {
        Assert.Empty(RestorePlan.Mismatches(Forward(2), Taken(Forward(2), parallelism: 2), slot: 0));

        string refusal = RestorePlan.Mismatches(Forward(3), Taken(Forward(3), parallelism: 2), slot: 0)[0];

        Assert.Contains("in-flight records of edge", refusal, StringComparison.Ordinal);
        Assert.Contains("stop the job with an aligned checkpoint", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_in_flight_they_fit_too()
    {
        var plan = Forward(3);

        Assert.Empty(RestorePlan.Mismatches(plan, Taken(plan, parallelism: 2) with { Edges = [] }, slot: 0));
    }

    [Fact]
    public void Another_number_of_key_groups_is_refused()
    {
        var plan = Keyed(2);

        Assert.Contains("set it back to 64", RestorePlan.Mismatches(plan, Taken(plan, parallelism: 2) with { MaxParallelism = 64 }, slot: 0).Single(), StringComparison.Ordinal);
    }

    private static ExecutionPlan Keyed(int parallelism) => GraphScript.Plan(job => job.Numbers().KeyBy(number => number).Aggregate("sum", 0L, (sum, number) => sum + number, (_, sum) => sum).ToNowhere(), parallelism);

    private static ExecutionPlan Forward(int parallelism) => GraphScript.Plan(job => job.Numbers("a").Union(job.Numbers("b")).Map(number => number).WithId("both").ToNowhere(), parallelism);

    /// <summary>A checkpoint of the plan at another parallelism, with in-flight records on every edge.</summary>
    private static CheckpointMetadata Taken(ExecutionPlan plan, int parallelism) => new()
    {
        Job = plan.Settings.Name,
        Slot = 0,
        CheckpointId = 7,
        LifeId = "life",
        Mode = "unaligned",
        TriggeredAt = DateTimeOffset.UnixEpoch,
        MaxParallelism = plan.Settings.MaxParallelism,
        Operators = [.. plan.Operators.Select(node => new OperatorMetadata { Id = node.Id, Parallelism = parallelism })],
        Edges = [.. plan.Edges.Select(edge => new EdgeMetadata { EdgeId = edge.Id, RecordCodec = edge.CodecId })],
    };
}
