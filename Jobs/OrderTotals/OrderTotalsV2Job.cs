namespace Weir.Jobs;

/// <summary>Version 2: orders have a currency, and of each account their number is kept, too. Its first start goes on from a checkpoint of version 1, records in flight included.</summary>
/// <remarks>
/// What makes that possible: operators keep their ids, the codecs whose bytes have changed have new versions or names, and the job says how old values become new
/// ones. Without an upgrade the start is refused, and nothing is changed.
/// </remarks>
public sealed class OrderTotalsV2Job : IJob
{
    /// <inheritdoc/>
    public void Build(JobBuilder job)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.Codecs
            .Add(RunningTotal.Codec)
            .AddUpgrade(Order.CodecV1, Order.Codec, old => new Order(old.Account, old.Cents, "EUR"))
            .AddUpgrade(Codec.Int64, RunningTotal.Codec, cents => new RunningTotal(cents, Orders: 0));
        job.FromKafka("orders", Order.Codec)
            .KeyBy(order => order.Account)
            .Process<Sum, AccountTotal>("totals-per-account")
            .ToKafka("totals", AccountTotal.Codec, key: total => total.Account);
    }

    private sealed class Sum(KeyedState state) : KeyedProcess<string, Order, AccountTotal>
    {
        private readonly ValueState<RunningTotal> _total = state.Value<RunningTotal>("total");

        public override void Process(in Order record, KeyedContext<string, AccountTotal> context)
        {
            var total = _total.Value;
            total = new RunningTotal(total.Cents + record.Cents, total.Orders + 1);
            _total.Value = total;
            context.Emit(new AccountTotal(context.Key, total.Cents, total.Orders));
        }
    }
}
