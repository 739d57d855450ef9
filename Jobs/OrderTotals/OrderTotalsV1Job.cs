namespace Weir.Jobs;

/// <summary>Topic <c>orders</c> to topic <c>totals</c>: after each order the sum of its account. Version 1 of a job that changes; <see cref="OrderTotalsV2Job"/> takes over from it.</summary>
/// <param name="throttle">At most so many orders a second for each subtask; null sets no limit.</param>
public sealed class OrderTotalsV1Job(double? throttle = null) : IJob
{
    /// <inheritdoc/>
    public void Build(JobBuilder job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var totals = job.FromKafka("orders", Order.CodecV1)
            .KeyBy(order => order.Account)
            .Process<Sum, AccountTotal>("totals-per-account")
            .WithCodec(AccountTotal.Codec);
        (throttle is { } rate ? totals.Throttle(rate) : totals).ToKafka("totals", AccountTotal.Codec, key: total => total.Account);
    }

    private sealed class Sum(KeyedState state) : KeyedProcess<string, OrderV1, AccountTotal>
    {
        private readonly ValueState<long> _cents = state.Value<long>("total");

        public override void Process(in OrderV1 record, KeyedContext<string, AccountTotal> context) =>
            context.Emit(new AccountTotal(context.Key, _cents.Value += record.Cents, Orders: 0));
    }
}
