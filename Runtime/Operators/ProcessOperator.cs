namespace Weir.Runtime.Operators;

/// <summary>Hands each record to the user's operator.</summary>
internal sealed class ProcessOperator<TIn, TOut>(string id, StreamProcess<TIn, TOut> process, OperatorState state, ProcessContext<TOut> context) : Collector<TIn>, IOperator
{
    public string Id => id;

    public OperatorState? OperatorState => state;

    public override void Emit(in TIn record) => process.Process(in record, context);

    public void Close() => (process as IDisposable)?.Dispose();
}

/// <summary>Hands each record of one input to the user's operator, which has another input.</summary>
internal sealed class InputCollector<TIn, TOut>(RecordAction<TIn, ProcessContext<TOut>> process, ProcessContext<TOut> context) : Collector<TIn>
{
    public override void Emit(in TIn record) => process(in record, context);
}

/// <summary>A method of a user's operator that takes a record.</summary>
internal delegate void RecordAction<T, in TContext>(in T record, TContext context);
