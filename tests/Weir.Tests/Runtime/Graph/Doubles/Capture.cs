namespace Weir.Tests.Graph;

/// <summary>Keeps what is emitted.</summary>
internal sealed class Capture<T> : Collector<T>
{
    public List<T> Records { get; } = [];

    public override void Emit(in T record) => Records.Add(record);
}
