namespace Weir.Runtime.Operators;

/// <summary>Keeps the records for which a condition is true.</summary>
internal sealed class FilterOperator<T>(string id, RecordFunc<T, bool> condition, Collector<T> output) : Collector<T>, IOperator
{
    public string Id => id;

    public override void Emit(in T record)
    {
        if (condition(in record))
        {
            output.Emit(in record);
        }
    }
}
