namespace Weir.Runtime.Operators;

/// <summary>Makes one record of each.</summary>
internal sealed class MapOperator<TIn, TOut>(string id, RecordFunc<TIn, TOut> map, Collector<TOut> output) : Collector<TIn>, IOperator
{
    public string Id => id;

    public override void Emit(in TIn record)
    {
        var made = map(in record);
        output.Emit(in made);
    }
}
