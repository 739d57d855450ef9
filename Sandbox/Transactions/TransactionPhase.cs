namespace Weir.Sandbox.Transactions;

/// <summary>How far the last transaction of an id is. Markers are written at once, so nothing is ever seen between prepared and complete.</summary>
internal enum TransactionPhase
{
    /// <summary>Nothing was begun in this epoch.</summary>
    Empty,

    /// <summary>Partitions or a group are part of it.</summary>
    Ongoing,

    Committed,
    Aborted,
}
