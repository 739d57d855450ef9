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
    public void Two_plans_of_one_job_read_the_same() =>
        Assert.Equal(GraphScript.Plan(new OrderTotals()).Describe(), GraphScript.Plan(new OrderTotals()).ToString());

    [Fact]
    public void In_one_line_a_plan_names_what_a_record_passes() =>
        Assert.Equal("orders =key=> totals-per-account -> totals (exactly-once)", GraphScript.Plan(new OrderTotals()).Summarize());
}
