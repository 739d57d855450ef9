using Weir.Tests.Doubles;

namespace Weir.Tests.Graph;

public sealed class KeyedProcessTests
{
    [Fact]
    public void Each_key_has_a_state_of_its_own()
    {
        var script = new ChainScript<Order, Total>(
            job => job.From(new NoSource<Order>("orders", Codec.Json(OrderJson.Default.Order))).KeyBy(order => order.Account)
                .Process<RunningTotal, Total>("totals").WithCodec(Codec.Json(OrderJson.Default.Total)).Rebalance().ToNowhere(),
            task: 1);
        script.TakeKeyed(KeyCodec.Int64, order => order.Account, new Order(1, 5), new Order(-2, 7), new Order(1, 6));
        Assert.Equal([new Total(1, 5), new Total(-2, 7), new Total(1, 11)], script.Output.Records);
    }

    [Fact]
    public void Keys_that_are_no_numbers_are_told_apart_by_their_bytes()
    {
        var script = new ChainScript<string, string>(
            job => job.From(new NoSource<string>("words")).KeyBy(word => word)
                .Aggregate("counts", 0L, (count, _) => count + 1, (word, count) => $"{word} {count}").Rebalance().ToNowhere(),
            task: 1);
        script.TakeKeyed(KeyCodec.Utf8, word => word, "a", "b", "a", "");
        Assert.Equal(["a 1", "b 1", "a 2", " 1"], script.Output.Records);
    }

    [Fact]
    public void An_aggregate_begins_with_the_initial_value()
    {
        var script = new ChainScript<long, long>(
            job => job.Numbers().KeyBy(n => n % 2).Aggregate("product", 100L, (product, n) => product * n, (_, product) => product).Rebalance().ToNowhere(),
            task: 1);
        script.TakeKeyed(KeyCodec.Int64, n => n % 2, 3, 4, 5);
        Assert.Equal([300, 400, 1500], script.Output.Records);
    }

    [Fact]
    public void A_sink_behind_a_keyed_operator_is_given_the_key()
    {
        var sink = new ListSink<long>("out");
        var script = new ChainScript<long, long>(
            job => job.Numbers().KeyBy(n => n % 256).Aggregate("sum", 0L, (sum, n) => sum + n, (_, sum) => sum).Map(n => -n).To(sink), task: 1);
        script.TakeKeyed(KeyCodec.Int64, n => n % 256, 258, 258);
        Assert.Equal([-258, -516], sink.Records);
        Assert.Equal([[0, 0, 0, 0, 0, 0, 0, 2], [0, 0, 0, 0, 0, 0, 0, 2]], sink.Keys);
    }

    [Fact]
    public void A_sink_behind_a_KeyBy_is_given_the_key_also_where_nothing_keeps_state()
    {
        var sink = new ListSink<long>("out");
        var script = new ChainScript<string, long>(job => job.From(new NoSource<string>("words")).KeyBy(word => word).Map(word => (long)word.Length).To(sink), task: 1);
        script.TakeKeyed(KeyCodec.Utf8, word => word, "AB", "C");
        Assert.Equal([2, 1], sink.Records);
        Assert.Equal(["AB"u8.ToArray(), "C"u8.ToArray()], sink.Keys);
    }

    [Fact]
    public void A_sink_without_a_KeyBy_is_given_no_key()
    {
        var sink = new ListSink<long>("out");
        new ChainScript<long, long>(job => job.Numbers().Rebalance().To(sink), task: 1).Take(1);
        Assert.Equal([null], sink.Keys);
    }

    [Fact]
    public void Processing_a_record_allocates_nothing()
    {
        var script = new ChainScript<long, long>(
            job => job.Numbers().KeyBy((in n) => n & 7).Aggregate("sum", 0L, (long sum, in long n) => sum + n, (_, sum) => sum)
                .Map((in n) => n + 1).Filter((in n) => n < 0).Rebalance().ToNowhere(),
            task: 1);
        Assert.Equal(0, Allocation.Of(() => Run(script, 1000)));
    }

    [Fact]
    public void A_process_that_is_disposable_is_disposed_with_its_attempt()
    {
        var services = new Services(new List<string>());
        var script = new ChainScript<long, long>(job => job.Numbers().KeyBy(n => n).Process<Closing, long>("closing").Rebalance().ToNowhere(), task: 1, services: services);
        Assert.Equal(["disposed"], services.Log); // The one that was made for the plan.
        script.Chain.Operators[0].Close();
        Assert.Equal(["disposed", "disposed"], services.Log);
    }

    private static void Run(ChainScript<long, long> script, int records)
    {
        for (long n = 0; n < records; n++)
        {
            long key = n & 7;
            script.Record.Hash = KeyCodec.Int64.Hash(in key);
            ((Collector<long>)script.Chain.Head).Emit(in n);
        }
    }

    private sealed class Services(List<string> log) : IServiceProvider
    {
        public List<string> Log => log;

        public object? GetService(Type serviceType) => serviceType == typeof(List<string>) ? log : null;
    }

    private sealed class Closing(List<string> log) : KeyedProcess<long, long, long>, IDisposable
    {
        public override void Process(in long record, KeyedContext<long, long> context) => context.Emit(in record);

        public void Dispose() => log.Add("disposed");
    }
}
