using Weir.Runtime.Operators;

namespace Weir.Tests.Graph;

/// <summary>Operators with two inputs, called directly.</summary>
public sealed class TwoInputTests
{
    [Fact]
    public void Both_inputs_see_the_state_of_a_records_key()
    {
        var sink = new ListSink<string>("out");
        var chain = new ChainScript<long, string>(
            job => job.Numbers("a").KeyBy(number => number).Connect(job.Numbers("b").KeyBy(number => number)).Process<Sum, string>("sum").To(sink), task: 2);
        var head = (TwoInputOperator<long, long>)chain.Chain.Head;
        Emit(chain, head.First, 7);
        Emit(chain, head.Second, 7);
        Emit(chain, head.First, 8);
        Assert.Equal(["7: 1", "7: 11", "8: 1"], sink.Records);
    }

    [Fact]
    public void A_broadcast_record_has_no_key_and_sees_no_keys_state()
    {
        var sink = new ListSink<string>("out");
        var chain = new ChainScript<long, string>(
            job => job.Numbers("a").KeyBy(number => number).ConnectBroadcast(job.Numbers("b").Broadcast()).Process<Peek, string>("peek").To(sink), task: 2);
        var head = (TwoInputOperator<long, long>)chain.Chain.Head;
        Emit(chain, head.First, 7);
        head.Second.Emit(0);
        Emit(chain, head.First, 7);
        Assert.Equal(["7: 1", "rule", "7: 2"], sink.Records);
        Assert.Equal([true, false, true], sink.Keys.Select(key => key is not null));
        Assert.Throws<InvalidOperationException>(() => head.Second.Emit(1));
    }

    private static void Emit(ChainScript<long, string> chain, Collector<long> input, long record)
    {
        chain.Record.Hash = KeyCodec.Int64.Hash(in record);
        input.Emit(in record);
    }

    private sealed class Sum(KeyedState state) : KeyedCoProcess<long, long, long, string>
    {
        private readonly ValueState<long> _sum = state.Value<long>("sum");

        public override void ProcessFirst(in long record, KeyedContext<long, string> context) => context.Emit($"{context.Key}: {_sum.Value += 1}");

        public override void ProcessSecond(in long record, KeyedContext<long, string> context) => context.Emit($"{context.Key}: {_sum.Value += 10}");
    }

    private sealed class Peek(KeyedState state) : KeyedBroadcastProcess<long, long, long, string>
    {
        private readonly ValueState<long> _count = state.Value<long>("count");

        public override void Process(in long record, KeyedContext<long, string> context) => context.Emit($"{context.Key}: {++_count.Value}");

        public override void ProcessBroadcast(in long record, ProcessContext<string> context) => context.Emit(record == 0 ? "rule" : $"{_count.Value}");
    }
}
