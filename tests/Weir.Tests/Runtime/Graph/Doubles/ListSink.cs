using Weir.Runtime;

namespace Weir.Tests.Graph;

/// <summary>Keeps what is written, with its key; ready as long as the test says.</summary>
internal sealed class ListSink<T>(string name, bool isTransactional = false) : SinkDescription<T>(name), ISink<T>, ISinkWriter<T>
{
    public override bool IsTransactional { get; } = isTransactional;

    public List<T> Records { get; } = [];

    public List<byte[]?> Keys { get; } = [];

    public List<string> Calls { get; } = [];

    public bool IsReady { get; set; } = true;

    public override ISink<T> Open(IConnectors connectors) => this;

    public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

    public ISinkWriter<T> CreateWriter(int subtask, Action wake) => this;

    public void Write(in T record, RecordContext context)
    {
        Records.Add(record);
        Keys.Add(context.HasKey ? context.Key.ToArray() : null);
    }

    public void EndStep() => Calls.Add("end of step");

    public void Switch(long checkpoint) => Calls.Add($"switch {checkpoint}");

    public ValueTask FlushAsync(CancellationToken cancellation)
    {
        Calls.Add("flush");
        return ValueTask.CompletedTask;
    }

    public void Dispose() => Calls.Add("dispose");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
