namespace Weir.Sandbox.Log;

/// <summary>Which batches of a compacted partition are still of use: pure.</summary>
/// <remarks>
/// A batch goes as a whole: when each of its records has a key that came again later, committed, or when its transaction was aborted. So some records stay that Kafka
/// would drop, and none goes that Kafka keeps. A batch that is compressed is not looked into, and stays.
/// </remarks>
internal static class Compaction
{
    /// <summary>The batches that stay, in their order; the last one always does.</summary>
    /// <param name="batches">All.</param>
    /// <param name="decided">Up to where all transactions have ended.</param>
    /// <param name="isAborted">Whether a batch belongs to an aborted transaction.</param>
    public static List<StoredBatch> Keep(List<StoredBatch> batches, long decided, Func<StoredBatch, bool> isAborted)
    {
        bool[] isNeeded = new bool[batches.Count];
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (int index = batches.Count - 1; index >= 0; index--)
        {
            var batch = batches[index];
            isNeeded[index] = index == batches.Count - 1 || batch.LastOffset >= decided || (!batch.Head.IsControl && IsNeeded(batch, isAborted, keys));
        }
        var kept = new List<StoredBatch>();
        var open = new HashSet<long>();
        for (int index = 0; index < batches.Count; index++)
        {
            // A marker stays with what it ends.
            var batch = batches[index];
            bool ends = batch.Head.IsControl && open.Remove(batch.Head.ProducerId);
            if (!ends && !isNeeded[index])
            {
                continue;
            }
            kept.Add(batch);
            if (batch.Head is { IsTransactional: true, IsControl: false })
            {
                open.Add(batch.Head.ProducerId);
            }
        }
        return kept;
    }

    private static bool IsNeeded(StoredBatch batch, Func<StoredBatch, bool> isAborted, HashSet<string> keys)
    {
        if (batch.Head.IsCompressed)
        {
            return true;
        }
        if (isAborted(batch))
        {
            return false;
        }
        bool isNeeded = false;
        for (var record = new RecordFields(batch); record.Next();)
        {
            isNeeded |= !record.HasKey || keys.Add(Convert.ToHexString(record.Key));
        }
        return isNeeded;
    }
}
