namespace Weir.Connectors.Kafka;

/// <summary>Records of a partition that a source passed over, since its log had deleted them before they were read, or since it was told to go on behind them.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="From">The first of them.</param>
/// <param name="Before">The first record behind them: where reading went on.</param>
public sealed record LostRecords(string Topic, int Partition, long From, long Before)
{
    /// <summary>How many offsets that are; a few of them may have been no records, but the marks of transactions.</summary>
    public long Count => Before - From;
}
