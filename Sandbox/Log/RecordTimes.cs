namespace Weir.Sandbox.Log;

/// <summary>Finds a record by its time within a batch. Records that are compressed are not looked into: the batch's first offset and its latest time stand for them.</summary>
internal static class RecordTimes
{
    public static (long Offset, long Timestamp) FirstAt(StoredBatch batch, long timestamp, bool isAppendTime)
    {
        if (!isAppendTime && !batch.Head.IsCompressed)
        {
            for (var record = new RecordFields(batch); record.Next();)
            {
                if (record.Timestamp >= timestamp)
                {
                    return (record.Offset, record.Timestamp);
                }
            }
        }
        return (batch.BaseOffset, batch.MaxTimestamp);
    }
}
