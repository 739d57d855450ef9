namespace Weir.Runtime.Operators;

/// <summary>An operator with two inputs, always the first of its chain: what stands before the user's operator.</summary>
/// <param name="id">The operator's id.</param>
/// <param name="first">Where records of its first input enter.</param>
/// <param name="second">Where records of its second input enter.</param>
/// <param name="parts">What the user's operator was made of.</param>
/// <param name="process">The user's operator.</param>
/// <param name="views">Where it sees the watermark of both inputs together.</param>
internal sealed class TwoInputOperator<TFirst, TSecond>(string id, Collector<TFirst> first, Collector<TSecond> second, ProcessParts parts, object process, params IWatermarkView[] views) : IOperator
{
    public string Id => id;

    public Collector<TFirst> First => first;

    public Collector<TSecond> Second => second;

    /// <summary>Whether hashes of the second input belong to its keyed state, too.</summary>
    public bool SecondHasKeys => second is IKeyedCollector;

    public KeyedState? State => parts.Keyed;

    public OperatorState? OperatorState => parts.Operator;

    public long OnWatermark(long watermark)
    {
        foreach (var view in views)
        {
            view.Show(watermark);
        }
        return watermark;
    }

    public void Close() => (process as IDisposable)?.Dispose();
}

/// <summary>Takes records over an edge that is keyed as the operator's state is.</summary>
internal interface IKeyedCollector;
