using Weir.Jobs;

namespace Weir.Bench.Micro;

/// <summary>The end of a chain: counts and sums, so that no work can be left out.</summary>
internal sealed class TallyEnd : Collector<LedgerEntry>
{
    public long Records { get; private set; }

    public long Amounts { get; private set; }

    public override void Emit(in LedgerEntry record)
    {
        Records++;
        Amounts += record.Amount;
    }
}
