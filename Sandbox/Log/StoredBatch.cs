namespace Weir.Sandbox.Log;

/// <summary>A batch in a partition, as it came, with its offset written into it. Never changed after that, so that fetches may copy it without a lock.</summary>
internal sealed record StoredBatch(long BaseOffset, BatchHead Head, long MaxTimestamp, long AppendedMs, byte[] Bytes)
{
    public long LastOffset => BaseOffset + Head.RecordCount - 1;
}
