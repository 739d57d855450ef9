namespace Weir.Connectors.Kafka.Sink;

/// <summary>What all sinks of a slot may hold back together between the switch of a checkpoint and the release into the next transaction.</summary>
/// <remarks>Thread: any. Full means: no sink is ready, so their tasks block; a record in hand may go beyond.</remarks>
internal sealed class StagingBudget(int recordsMax, long bytesMax)
{
    private long _records;
    private long _bytes;

    public bool HasRoom => Volatile.Read(ref _records) < recordsMax && Volatile.Read(ref _bytes) < bytesMax;

    public void Take(int records, long bytes)
    {
        Interlocked.Add(ref _records, records);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void Return(int records, long bytes) => Take(-records, -bytes);
}
