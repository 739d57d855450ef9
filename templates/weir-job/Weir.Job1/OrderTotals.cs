using Weir;

namespace Weir_Job1;

/// <summary>The sum of all orders of each account, told with each order.</summary>
public sealed class OrderTotals : IJob
{
    /// <inheritdoc/>
    public void Build(JobBuilder job) => job
        .FromKafka("orders", Messages.Order)                        // the topic of that name, unless the settings say another
        .KeyBy(order => order.Account)
        .Process<RunningTotal, Total>("totals-per-account")         // the operator's id: its state is restored by it
        .ToKafka("totals", Messages.Total);                         // exactly-once by default
}

/// <summary>Adds each order to its account's sum, which is kept in checkpoints.</summary>
public sealed class RunningTotal(KeyedState state) : KeyedProcess<long, Order, Total>
{
    private readonly ValueState<long> _sum = state.Value<long>("sum");

    /// <inheritdoc/>
    public override void Process(in Order order, KeyedContext<long, Total> context) => context.Emit(new(context.Key, _sum.Value += order.Amount));
}
