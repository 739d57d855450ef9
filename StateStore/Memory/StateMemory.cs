namespace Weir.StateStore;

/// <summary>What one keyed state has taken of its budget.</summary>
/// <remarks>Thread: any. Owns: what it has taken, until it is released or collected.</remarks>
internal sealed class StateMemory(StateBudget budget)
{
    private long _tables;
    private long _copies;

    ~StateMemory() => Release();

    /// <summary>Whether there is room for further copies.</summary>
    public bool HasRoomForCopies => budget.Copies.HasRoom;

    /// <summary>Counts what tables take, or give back.</summary>
    public void Take(long bytes)
    {
        Interlocked.Add(ref _tables, bytes);
        budget.Tables.Take(bytes);
        if (bytes > 0 && !budget.Tables.HasRoom)
        {
            budget.SayTooLarge();
        }
    }

    /// <summary>Counts what copies take, or give back.</summary>
    public void TakeCopies(long bytes)
    {
        Interlocked.Add(ref _copies, bytes);
        budget.Copies.Take(bytes);
    }

    /// <summary>Gives all of it back.</summary>
    public void Release()
    {
        budget.Tables.Return(Interlocked.Exchange(ref _tables, 0));
        budget.Copies.Return(Interlocked.Exchange(ref _copies, 0));
    }
}
