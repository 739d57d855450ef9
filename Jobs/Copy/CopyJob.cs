namespace Weir.Jobs;

/// <summary>Topic <c>in</c> to topic <c>out</c> as it is, exactly-once: the smallest job. Each message keeps its key and, as far as there are as many, its partition.</summary>
public sealed class CopyJob : IJob
{
    /// <inheritdoc/>
    public void Build(JobBuilder job)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.FromKafka("in", CopiedMessages.Instance)
            .ToKafka("out", CopiedMessages.Instance, (in message, partitions) => message.Partition % partitions);
    }
}
