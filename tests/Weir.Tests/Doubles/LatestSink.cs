using System.Collections.Concurrent;
using Weir.Runtime;

namespace Weir.Tests.Doubles;

/// <summary>Keeps the last value that came for each key, whoever brought it; always ready.</summary>
internal sealed class LatestSink<TKey, TValue>(string name) : SinkDescription<(TKey Key, TValue Value)>(name), ISink<(TKey Key, TValue Value)>, ISinkWriter<(TKey Key, TValue Value)>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TValue> _latest = new();

    public IEnumerable<KeyValuePair<TKey, TValue>> Latest => _latest.OrderBy(one => one.Key);

    public bool IsReady => true;

    public override ISink<(TKey Key, TValue Value)> Open(IConnectors connectors) => this;

    public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

    public ISinkWriter<(TKey Key, TValue Value)> CreateWriter(int subtask, Action wake) => this;

    public void Write(in (TKey Key, TValue Value) record, RecordContext context) => _latest[record.Key] = record.Value;

    public void EndStep()
    {
    }

    public void Switch(long checkpoint)
    {
    }

    public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
