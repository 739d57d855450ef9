namespace Weir.Runtime.Operators;

/// <summary>Hands each record to the user's operator.</summary>
internal sealed class ProcessOperator<TIn, TOut>(string id, StreamProcess<TIn, TOut> process, OperatorState state, ProcessContext<TOut> context) : Collector<TIn>, IOperator
{
    public string Id => id;

    public OperatorState? OperatorState => state;

    public override void Emit(in TIn record) => process.Process(in record, context);

    public long OnWatermark(long watermark)
    {
        ((IWatermarkView)context).Show(watermark);
        return watermark;
    }

    public void Close() => (process as IDisposable)?.Dispose();
}

/// <summary>Hands each record of one input to the user's operator, which has another input.</summary>
internal sealed class InputCollector<TIn, TOut>(RecordAction<TIn, ProcessContext<TOut>> process, ProcessContext<TOut> context) : Collector<TIn>
{
    public override void Emit(in TIn record) => process(in record, context);
}

/// <summary>Hands each record of an input without keys to the user's operator, whose other input has some: neither its state nor a sink behind it may take the last key for this record's.</summary>
internal sealed class KeylessInputCollector<TIn, TOut>(RecordAction<TIn, ProcessContext<TOut>> process, KeyedState state, RecordContext record, ProcessContext<TOut> context) : Collector<TIn>
{
    public override void Emit(in TIn item)
    {
        state.ForgetKey();
        var key = record.KeyInHand;
        record.KeyInHand = null;
        process(in item, context);
        record.KeyInHand = key;
    }
}

/// <summary>A method of a user's operator that takes a record.</summary>
internal delegate void RecordAction<T, in TContext>(in T record, TContext context);
