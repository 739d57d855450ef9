namespace Weir;

/// <summary>Takes the records that an operator emits: the next operator of the chain, or a gate.</summary>
/// <typeparam name="T">The record.</typeparam>
public abstract class Collector<T>
{
    /// <summary>Takes one record; it is borrowed until this returns, and its slices refer to the bytes of the record in hand.</summary>
    public abstract void Emit(in T record);
}
