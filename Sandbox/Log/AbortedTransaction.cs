namespace Weir.Sandbox.Log;

/// <summary>A transaction's part of a partition that read_committed readers pass over.</summary>
/// <param name="ProducerId">Whose records.</param>
/// <param name="FirstOffset">The first one.</param>
/// <param name="MarkerOffset">Where the marker lies that ends it.</param>
internal readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long MarkerOffset)
{
    /// <summary>Whether a batch is part of it.</summary>
    public bool Has(StoredBatch batch) => !batch.Head.IsControl && batch.Head.ProducerId == ProducerId && batch.BaseOffset >= FirstOffset && batch.BaseOffset < MarkerOffset;
}
