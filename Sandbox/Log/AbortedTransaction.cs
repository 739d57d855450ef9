namespace Weir.Sandbox.Log;

/// <summary>A transaction's part of a partition that read_committed readers pass over.</summary>
/// <param name="ProducerId">Whose records.</param>
/// <param name="FirstOffset">The first one.</param>
/// <param name="MarkerOffset">Where the marker lies that ends it.</param>
internal readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long MarkerOffset);
