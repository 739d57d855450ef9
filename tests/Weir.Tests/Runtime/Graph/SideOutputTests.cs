using Weir.Runtime;
using Weir.Runtime.Graph;

namespace Weir.Tests.Graph;

public class SideOutputTests
{
    private static readonly OutputTag<string> s_odd = new("odd");

    [Fact]
    public void An_operator_and_what_is_behind_its_main_output_stay_one_task_beside_a_side_output()
    {
        var plan = GraphScript.Plan(job =>
        {
            var evens = job.Numbers().Process<Sort, long>("sort");
            evens.SideOutput(s_odd).ToNowhere("odds");
            evens.Map(number => number).KeyBy(number => number).ToNowhere();
        });

        Assert.Equal(["numbers -> sort -> map-1", "odds", "nowhere"], plan.Chains());
        Assert.Equal(["sort:odd->odds#0 Forward", "map-1->nowhere#0 Hash"], plan.EdgeIds());
        Assert.Contains("=odd, number=> odds", plan.Summarize(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sink_begins_a_task_where_a_side_output_leads_away_before_it()
    {
        var plan = GraphScript.Plan(job =>
        {
            var evens = job.Numbers().Process<Sort, long>("sort");
            evens.SideOutput(s_odd).ToNowhere("odds");
            evens.Map(number => number).WithWatermarks("times", number => number, TimeSpan.Zero).ToNowhere();
        });

        Assert.Equal(["numbers -> sort -> map-1 -> times", "odds", "nowhere"], plan.Chains());
    }

    [Fact]
    public void One_tag_may_be_read_by_several_and_be_named_anew()
    {
        var plan = GraphScript.Plan(job =>
        {
            var evens = job.Numbers().Process<Sort, long>("sort");
            evens.ToNowhere();
            evens.SideOutput(s_odd).ToNowhere("first");
            evens.SideOutput(new OutputTag<string>("odd")).Union(evens.SideOutput(s_odd).Rebalance()).ToNowhere("second");
        });

        Assert.Equal(["sort->nowhere#0 Forward", "sort:odd->first#0 Forward", "sort:odd->second#0 Forward", "sort:odd->second#1 Rebalance"], plan.EdgeIds());
    }

    [Fact]
    public void An_operator_that_emits_to_a_side_output_nobody_reads_fails_for_good_and_says_what_to_do()
    {
        var script = new ChainScript<long, long>(job => job.Numbers().Rebalance().Process<Sort, long>("sort").Rebalance().ToNowhere(), task: 1);

        script.Take(2);
        var failure = Assert.Throws<JobException>(() => script.Take(3));

        Assert.Equal(JobFailure.Permanent, failure.Reason);
        Assert.Contains("'sort' emits to side output 'odd', which nothing reads", failure.Message, StringComparison.Ordinal);
        Assert.Equal([2], script.Output.Records);
    }

    [Fact]
    public void A_side_output_that_leads_nowhere_is_refused() =>
        Assert.Contains("side output 'odd' goes nowhere", GraphScript.Refusal(job =>
        {
            var evens = job.Numbers().Process<Sort, long>("sort");
            evens.ToNowhere();
            evens.SideOutput(s_odd);
        }), StringComparison.Ordinal);

    [Fact]
    public void A_main_output_is_not_made_up_for_by_a_side_output() =>
        Assert.Contains("What operator 'sort' emits goes nowhere", GraphScript.Refusal(job => job.Numbers().Process<Sort, long>("sort").SideOutput(s_odd).ToNowhere()), StringComparison.Ordinal);

    [Fact]
    public void Operators_that_are_only_a_function_have_no_side_output() =>
        Assert.Contains("Operator 'map' has no side output 'odd'", GraphScript.Refusal(job =>
        {
            var numbers = job.Numbers().Map(number => number);
            numbers.ToNowhere();
            numbers.SideOutput(s_odd).ToNowhere("odds");
        }), StringComparison.Ordinal);

    [Fact]
    public void A_tag_has_the_name_of_an_edge() => Assert.Throws<ArgumentException>(() => new OutputTag<long>("a->b"));

    private sealed class Sort : StreamProcess<long, long>
    {
        public override void Process(in long record, ProcessContext<long> context)
        {
            if (record % 2 == 0)
            {
                context.Emit(record);
            }
            else
            {
                context.Emit(s_odd, $"{record}");
            }
        }
    }
}
