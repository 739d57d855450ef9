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

        Assert.Empty(RestorePlan.Of(plan, Taken(plan, parallelism: 2), slot: 0).Refusals);
    }

    [Fact]
    public void Those_between_subtasks_of_equal_number_fit_the_old_one_only()
    {
        Assert.Empty(RestorePlan.Of(Forward(2), Taken(Forward(2), parallelism: 2), slot: 0).Refusals);

        string refusal = RestorePlan.Of(Forward(3), Taken(Forward(3), parallelism: 2), slot: 0).Refusals[0];

        Assert.Contains("in-flight records of edge", refusal, StringComparison.Ordinal);
        Assert.Contains("stop the job with an aligned checkpoint", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_in_flight_they_fit_too()
    {
        var plan = Forward(3);

        Assert.Empty(RestorePlan.Of(plan, Taken(plan, parallelism: 2) with { Edges = [] }, slot: 0).Refusals);
    }

    [Fact]
    public void Watermarks_alone_fit_everything()
    {
        var checkpoint = Taken(Forward(2), parallelism: 2);
        var watermark = new InFlightSegment { Handle = new SegmentHandle("channel-0", 0, 16, 0), Records = 0, Bytes = 16 };
        checkpoint = checkpoint with { Edges = [.. checkpoint.Edges.Select(edge => edge with { Channels = [new ChannelMetadata { From = 0, To = 0, Segments = [watermark] }] })] };

        Assert.Empty(RestorePlan.Of(Forward(3), checkpoint, slot: 0).Refusals);
        Assert.Empty(RestorePlan.Of(Keyed(2), checkpoint with { Operators = [] }, slot: 0).Refusals);
    }

    [Fact]
    public void Another_number_of_key_groups_is_refused()
    {
        var plan = Keyed(2);

        Assert.Contains("set it back to 64", RestorePlan.Of(plan, Taken(plan, parallelism: 2) with { MaxParallelism = 64 }, slot: 0).Refusals.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Those_between_operators_that_are_one_task_now_are_refused_with_the_way_out()
    {
        var before = Dealt(parallelismOfMap: 3);
        var checkpoint = Taken(before, parallelism: 2);

        string refusal = Assert.Single(RestorePlan.Of(Dealt(parallelismOfMap: 2), checkpoint, slot: 0).Refusals);

        Assert.Contains("run as one task now that their parallelism is equal", refusal, StringComparison.Ordinal);
        Assert.Contains("Set the parallelism back", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edge_deals_anew_when_its_own_ends_are_rescaled_whatever_is_chained_to_them()
    {
        var plan = GraphScript.Plan(job => job.Numbers().Map(number => number).Rebalance().Map(number => number).ToNowhere(), parallelism: 2);
        var checkpoint = Taken(plan, parallelism: 2);

        Assert.False(RestorePlan.MustDeal(plan, plan.Edges[0], checkpoint));
        Assert.True(RestorePlan.MustDeal(plan, plan.Edges[0], checkpoint with { Operators = [.. checkpoint.Operators.Select(one => one.Id == "map-1" ? one with { Parallelism = 1 } : one)] }));
    }

    [Theory]
    [InlineData(OperatorStateKind.List, "weir.int64", "was a List state, and is declared as a Union state")]
    [InlineData(OperatorStateKind.Union, "weir.utf8", "was written by codec weir.utf8 v1, and would be read by weir.int64 v1")]
    public void Operator_state_of_another_kind_or_codec_is_refused(OperatorStateKind kind, string codec, string reason)
    {
        var plan = GraphScript.Plan(job => job.Numbers().Process<Remembering, long>("remembering").ToNowhere(), parallelism: 2);
        var stored = new OperatorStatePart { StateName = "seen", Kind = kind, ValueCodec = new CodecId(codec, 1), Handle = new SegmentHandle("state-0", 0, 1, 0), Entries = 1 };
        var checkpoint = Taken(plan, parallelism: 2);
        checkpoint = checkpoint with { Operators = [.. checkpoint.Operators.Select(one => one.Id != "remembering" ? one : one with { Subtasks = [new SubtaskMetadata { Index = 0, OperatorState = [stored] }] })] };

        Assert.Contains(reason, Assert.Single(RestorePlan.Of(plan, checkpoint, slot: 0).Refusals), StringComparison.Ordinal);
    }

    [Fact]
    public void Records_of_an_edge_that_was_dealt_otherwise_are_dealt_anew_and_not_to_all()
    {
        var plan = Keyed(2);
        var checkpoint = Taken(plan, parallelism: 2);
        checkpoint = checkpoint with { Edges = [.. checkpoint.Edges.Select(edge => edge with { Kind = "Rebalance" })] };
        Assert.StartsWith("Moved: ", RestorePlan.Of(plan, checkpoint, slot: 0).Findings.Single().ToString(), StringComparison.Ordinal);

        plan = GraphScript.Plan(job => job.Numbers().Broadcast().Map(number => number).WithId("sum").ToNowhere(), parallelism: 2);

        Assert.Contains("goes to all subtasks now", RestorePlan.Of(plan, checkpoint, slot: 0).Refusals.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_becomes_of_each_part_is_said()
    {
        var before = GraphScript.Plan(job => job.Numbers().Process<Remembering, long>("remembering").WithCodec(Codec.Int64).Rebalance().Map(number => number).WithId("gone").ToNowhere(), parallelism: 2);
        var stored = new OperatorStatePart { StateName = "seen", Kind = OperatorStateKind.Union, ValueCodec = Codec.Int64.Id, Handle = new SegmentHandle("state-0", 0, 1, 0), Entries = 1 };
        var checkpoint = Taken(before, parallelism: 2);
        checkpoint = checkpoint with
        {
            Operators =
            [
                .. checkpoint.Operators.Select(one => one with
                {
                    Subtasks = one.Id is "remembering" or "gone" ? [new SubtaskMetadata { Index = 0, OperatorState = [stored] }] : [],
                }),
            ],
        };
        var now = GraphScript.Plan(job => job.Numbers().Process<Remembering, long>("remembering").Process<Remembering, long>("more").ToNowhere(), parallelism: 3, allowDroppedState: true);

        Assert.Equal(
            [
                "Moved: State 'seen' of operator 'remembering'",
                "Dropped: state of operator 'gone'",
                "New: operator 'more' is not in checkpoint 7, and starts empty",
                "Dropped: 0 in-flight records of edge 'remembering->gone#0'",
            ],
            RestorePlan.Of(now, checkpoint, slot: 0, dropsInFlight: true).Findings.Select(found => found.ToString()));
    }

    [Fact]
    public void What_another_codec_wrote_is_upgraded_where_the_job_says_how()
    {
        var plan = Keyed(2);
        var text = new CodecId("text", 1);
        var checkpoint = Taken(plan, parallelism: 2);
        checkpoint = checkpoint with { Edges = [.. checkpoint.Edges.Select(edge => edge with { RecordCodec = text })] };
        Assert.Contains("Codecs.AddUpgrade(..)", RestorePlan.Of(plan, checkpoint, slot: 0).Refusals.Single(), StringComparison.Ordinal);

        plan.Codecs.AddUpgrade(Codec.Fixed<int>(text), Codec.Int64, number => number);

        Assert.Equal("Upgraded: 0 in-flight records of edge 'numbers->sum#0', from text v1 to weir.int64 v1", RestorePlan.Of(plan, checkpoint, slot: 0).Findings.Single().ToString());
    }

    private static ExecutionPlan Dealt(int parallelismOfMap) =>
        GraphScript.Plan(job => job.Numbers().Map(number => number).WithParallelism(parallelismOfMap).ToNowhere().WithParallelism(parallelismOfMap), parallelism: 2);

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

    private sealed class Remembering(OperatorState state) : StreamProcess<long, long>
    {
        private readonly OperatorList<long> _seen = state.UnionList<long>("seen");

        public override void Process(in long record, ProcessContext<long> context) => _seen.Add(record);
    }
}
