using Weir.Runtime.Graph;
using Weir.Runtime.Tasks;

namespace Weir.Tests.Graph;

public sealed class ExecutionPlanTests
{
    [Fact]
    public void Operators_in_a_row_of_equal_parallelism_are_one_task()
    {
        var plan = GraphScript.Plan(job => job.Numbers().Map(n => n).Filter(n => n > 0).FlatMap<long>((n, output) => output.Emit(n)).Throttle(1).ToNowhere());
        Assert.Equal(["numbers -> map-1 -> filter-1 -> flat-map-1 -> throttle-1 -> nowhere"], plan.Chains());
        Assert.Empty(plan.Edges);
    }

    [Fact]
    public void Another_parallelism_begins_a_task_and_deals_records_out()
    {
        var plan = GraphScript.Plan(job => job.Numbers().WithParallelism(2).Map(n => n).WithParallelism(3).ToNowhere().WithParallelism(3));
        Assert.Equal(["numbers", "map-1 -> nowhere"], plan.Chains());
        Assert.Equal(["numbers->map-1#0 Rebalance"], plan.EdgeIds());
        Assert.Equal([2, 3], plan.Tasks.Select(task => task.Parallelism));
    }

    [Fact]
    public void A_stream_with_two_consumers_ends_its_task()
    {
        var plan = GraphScript.Plan(job =>
        {
            var numbers = job.Numbers();
            numbers.ToNowhere("a");
            numbers.Map(n => n).ToNowhere("b");
        });
        Assert.Equal(["numbers", "a", "map-1 -> b"], plan.Chains());
        Assert.Equal(["numbers->a#0 Forward", "numbers->map-1#0 Forward"], plan.EdgeIds());
    }

    [Fact]
    public void A_union_begins_a_task_with_an_edge_from_each_of_its_streams()
    {
        var plan = GraphScript.Plan(job => job.Numbers("a").Union(job.Numbers("b"), job.Numbers("c").Rebalance()).Map(n => n).ToNowhere());
        Assert.Equal(["a", "b", "c", "map-1 -> nowhere"], plan.Chains());
        Assert.Equal(["a->map-1#0 Forward", "b->map-1#0 Forward", "c->map-1#0 Rebalance"], plan.EdgeIds());
        Assert.Equal(plan.Edges, plan.Tasks[3].InEdges);
    }

    [Fact]
    public void A_stream_united_with_itself_has_two_edges_of_different_ids()
    {
        var plan = GraphScript.Plan(job =>
        {
            var numbers = job.Numbers();
            numbers.Union(numbers).ToNowhere();
        });
        Assert.Equal(["numbers->nowhere#0 Forward", "numbers->nowhere#1 Forward"], plan.EdgeIds());
    }

    [Fact]
    public void Keys_and_rules_begin_a_task_even_for_one_subtask()
    {
        var plan = GraphScript.Plan(job => job.Numbers().KeyBy(n => n).Map(n => n).Partition((in _, _) => 0).ToNowhere());
        Assert.Equal(["numbers", "map-1", "nowhere"], plan.Chains());
        Assert.Equal(["numbers->map-1#0 Hash", "map-1->nowhere#0 Custom"], plan.EdgeIds());
    }

    [Fact]
    public void Producers_come_before_their_consumers()
    {
        var plan = GraphScript.Plan(job =>
        {
            var late = job.Numbers("a").KeyBy(n => n).Map(n => n);
            job.Numbers("b").Union(late).ToNowhere();
        });
        Assert.All(plan.Edges, edge => Assert.True(edge.From.Index < edge.To.Index));
        Assert.Equal(Enumerable.Range(0, plan.Tasks.Count), plan.Tasks.Select(task => task.Index));
    }

    [Fact]
    public void A_task_knows_how_it_begins_and_ends()
    {
        var plan = GraphScript.Plan(job => job.Numbers().KeyBy(n => n).To(new ListSink<long>("out", isTransactional: true)));
        Assert.Equal([true, false], plan.Tasks.Select(task => task.StartsWithSource));
        Assert.Equal([false, true], plan.Tasks.Select(task => task.EndsInTransactionalSink));
        Assert.True(plan.HasTransactionalSink);
        Assert.False(plan.HasLog);
    }

    [Fact]
    public void A_job_that_reads_or_writes_a_log_is_known_as_such()
    {
        Assert.True(GraphScript.Plan(job => job.FromKafka("in", Codec.Int64).ToNowhere()).HasLog);
        Assert.True(GraphScript.Plan(job => job.Numbers().ToKafka("out", Codec.Int64)).HasLog);
    }

    [Fact]
    public void The_states_of_an_operator_are_known_before_anything_runs()
    {
        var plan = GraphScript.Plan(new OrderTotals());
        var state = Assert.Single(plan.Operators.Single(node => node.Id == "totals-per-account").States);
        Assert.Equal(("sum", Codec.Int64.Id), (state.Name, state.ValueCodec));
    }

    [Fact]
    public void Tasks_and_edges_have_the_type_of_their_records()
    {
        var plan = GraphScript.Plan(job => job.Numbers().Map(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)).Rebalance().ToNowhere());
        Assert.Collection(plan.Tasks, source => Assert.IsType<SourceHead<long>>(source.CreateHead()), sink => Assert.IsType<GateHead<string>>(sink.CreateHead()));
        Assert.IsType<EdgePlan<string>>(Assert.Single(plan.Edges));
    }

    [Fact]
    public void An_operator_with_two_inputs_begins_a_task_and_knows_which_edge_leads_where()
    {
        var plan = GraphScript.Plan(job => job.Numbers("a").Rebalance().Connect(job.Numbers("b").Map(n => $"{n}")).Process<Both, long>("both").ToNowhere());
        Assert.Equal(["a", "b -> map-1", "both -> nowhere"], plan.Chains());
        Assert.Equal([("a->both#0", 0), ("map-1->both#0", 1)], plan.Edges.Select(edge => (edge.Id, edge.Input)));
        Assert.IsType<TwoGateHead<long, string>>(plan.Tasks[2].CreateHead());
    }

    [Fact]
    public void A_stream_may_be_connected_with_itself()
    {
        var plan = GraphScript.Plan(job =>
        {
            var numbers = job.Numbers().KeyBy(n => n);
            numbers.Connect(numbers).Process<BothOfAKey, long>("both").ToNowhere();
        });
        Assert.Equal([("numbers->both#0", 0), ("numbers->both#1", 1)], plan.Edges.Select(edge => (edge.Id, edge.Input)));
        Assert.Equal("sum", Assert.Single(plan.Operators[1].States).Name);
    }

    [Fact]
    public void Barriers_stay_behind_broadcast_records_and_whoever_waits_for_them_is_late()
    {
        var plan = GraphScript.Plan(job =>
        {
            var rules = job.Numbers("rules").Broadcast();
            job.Numbers("numbers").KeyBy(n => n).ConnectBroadcast(rules).Process<Ruled, long>("ruled").Rebalance().ToNowhere();
        });
        Assert.Equal([false, false, true, true], plan.Tasks.Select(task => task.IsLate));
        Assert.Equal([(true, true), (false, false), (false, true)], plan.Edges.Select(edge => (edge.StaysAligned, edge.IsAwaited)));
        Assert.Contains("by all, as weir.int64 v1 (rules->ruled#0), aligned", plan.Describe(), StringComparison.Ordinal);
        Assert.Contains("(ruled->nowhere#0), late", plan.Describe(), StringComparison.Ordinal);
        Assert.Contains("state rules (Broadcast) as weir.int64 v1", plan.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_plans_of_one_job_read_the_same() =>
        Assert.Equal(GraphScript.Plan(new OrderTotals()).Describe(), GraphScript.Plan(new OrderTotals()).ToString());

    [Fact]
    public void In_one_line_a_plan_names_what_a_record_passes() =>
        Assert.Equal("orders =key=> totals-per-account -> totals (exactly-once)", GraphScript.Plan(new OrderTotals()).Summarize());

    private sealed class Both : CoProcess<long, string, long>
    {
        public override void ProcessFirst(in long record, ProcessContext<long> context) => context.Emit(in record);

        public override void ProcessSecond(in string record, ProcessContext<long> context) => context.Emit(record.Length);
    }

    private sealed class BothOfAKey(KeyedState state) : KeyedCoProcess<long, long, long, long>
    {
        private readonly ValueState<long> _sum = state.Value<long>("sum");

        public override void ProcessFirst(in long record, KeyedContext<long, long> context) => context.Emit(_sum.Value += record);

        public override void ProcessSecond(in long record, KeyedContext<long, long> context) => context.Emit(_sum.Value -= record);
    }

    private sealed class Ruled(OperatorState state) : KeyedBroadcastProcess<long, long, long, long>
    {
        private readonly BroadcastState<string, long> _rules = state.Broadcast<string, long>("rules");

        public override void Process(in long record, KeyedContext<long, long> context) => context.Emit(record + _rules["all"]);

        public override void ProcessBroadcast(in long record, ProcessContext<long> context) => _rules["all"] = record;
    }
}
