using System.Text.Json.Serialization;

namespace Weir.Tests.Graph;

/// <summary>The sample of the design page, as its reader would write it.</summary>
public sealed class DesignSampleTests
{
    [Fact]
    public void The_sample_becomes_a_plan_of_two_tasks() => Assert.Equal(
        """
        job test: 2 tasks, max parallelism 128
        task 0, parallelism 2: orders
          orders: source
          => task 1 by key, as json.order v1 (orders->totals-per-account#0)
        task 1, parallelism 2: totals-per-account -> totals
          totals-per-account: process, state sum as weir.int64 v1
          totals: sink, exactly-once

        """.ReplaceLineEndings("\n"),
        GraphScript.Plan(new OrderTotals(), parallelism: 2).Describe());

    [Fact]
    public void Its_short_form_gives_the_same_totals()
    {
        var script = new ChainScript<Order, Total>(
            job => job
                .FromKafka("orders", Codec.Json(OrderJson.Default.Order))
                .KeyBy(order => order.Account)
                .Aggregate("sum", 0L, (sum, order) => sum + order.Amount, (key, sum) => new Total(key, sum))
                .Rebalance()
                .ToKafka("totals", Codec.Json(OrderJson.Default.Total), key: total => total.Account, partition: (total, partitions) => (int)(total.Account % partitions))
                .WithParallelism(2)
                .WithId("all-totals"),
            task: 1);
        script.TakeKeyed(KeyCodec.Int64, order => order.Account, new Order(1, 5), new Order(2, 7), new Order(1, 6));
        Assert.Equal([new Total(1, 5), new Total(2, 7), new Total(1, 11)], script.Output.Records);
    }
}

public sealed class OrderTotals : IJob
{
    public void Build(JobBuilder job) => job
        .FromKafka("orders", Codec.Json(OrderJson.Default.Order))
        .KeyBy(order => order.Account)
        .Process<RunningTotal, Total>("totals-per-account")
        .ToKafka("totals", Codec.Json(OrderJson.Default.Total));
}

public sealed class RunningTotal(KeyedState state) : KeyedProcess<long, Order, Total>
{
    private readonly ValueState<long> _sum = state.Value<long>("sum");

    public override void Process(in Order order, KeyedContext<long, Total> context) => context.Emit(new(context.Key, _sum.Value += order.Amount));
}

public sealed record Order(long Account, long Amount);

public sealed record Total(long Account, long Sum);

[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Total))]
public sealed partial class OrderJson : JsonSerializerContext;
