using Microsoft.Extensions.Logging;
using Weir.Connectors.Kafka.Splits;

namespace Weir.Connectors.Kafka.Aside;

/// <summary>Decides where a source goes on whose log does not have the next record any more.</summary>
/// <remarks>Thread: any.</remarks>
internal sealed class LossRule(string job, string source, DataLoss policy, ILogger logger)
{
    /// <summary>Whether it goes on at all.</summary>
    public bool GoesOn => policy != DataLoss.Fail;

    /// <summary>Says where reading goes on, and what is lost by it, in the log.</summary>
    /// <returns>The range that is passed over; it is empty where the log had lost its newest records, which had been read.</returns>
    public LostRecords Cross(Gap gap)
    {
        if (gap.Position > gap.End)
        {
            logger.LogShortened(source, gap.Split, gap.Position, gap.End);
            return new LostRecords(gap.Topic, gap.Partition, gap.End, gap.End);
        }
        long to = policy == DataLoss.Latest ? gap.End : gap.Start;
        var lost = new LostRecords(gap.Topic, gap.Partition, gap.Position, to);
        logger.RecordsLost(source, lost.Count, gap.Split, gap.Position, gap.Start, gap.End, to, policy);
        KafkaMetrics.Lost(job, source, lost);
        return lost;
    }
}

/// <summary>The next record to read is not in the log.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Position">The next record to read.</param>
/// <param name="Start">The oldest record of the log.</param>
/// <param name="End">Behind its newest.</param>
internal sealed record Gap(string Topic, int Partition, long Position, long Start, long End)
{
    public string Split => SplitName.Of(Topic, Partition);

    /// <summary>Whether there really is one: what was between may have come meanwhile.</summary>
    public bool IsOpen => Position < Start || Position > End;
}
