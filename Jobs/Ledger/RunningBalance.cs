namespace Weir.Jobs;

/// <summary>Keeps the balance of each account.</summary>
public sealed class RunningBalance(KeyedState state) : KeyedProcess<long, LedgerEntry, LedgerEntry>
{
    private readonly ValueState<long> _balance = (state ?? throw new ArgumentNullException(nameof(state))).Value<long>("balance");

    /// <inheritdoc/>
    public override void Process(in LedgerEntry record, KeyedContext<long, LedgerEntry> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Emit(record with { Balance = _balance.Value += record.Amount });
    }
}
