using Weir.Runtime.Operators;

namespace Weir.Runtime.Gates;

/// <summary>The end of a chain with several edges: each of them gets every record.</summary>
internal sealed class FanOut<T>(Collector<T>[] outputs) : Collector<T>
{
    public override void Emit(in T record)
    {
        foreach (var output in outputs)
        {
            output.Emit(in record);
        }
    }
}
