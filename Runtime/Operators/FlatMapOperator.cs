namespace Weir.Runtime.Operators;

/// <summary>Makes any number of records of one.</summary>
internal sealed class FlatMapOperator<TIn, TOut>(string id, FlatMapFunc<TIn, TOut> map, Collector<TOut> output) : Collector<TIn>, IOperator
{
    public string Id => id;

    public override void Emit(in TIn record) => map(in record, output);
}
