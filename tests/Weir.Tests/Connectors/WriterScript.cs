using Weir.Runtime;

namespace Weir.Tests.Connectors;

/// <summary>Steps one writer as a subtask would: writes when it is ready, sleeps until it is woken.</summary>
internal sealed class WriterScript : IDisposable
{
    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecordContext _context = new();

    public WriterScript(ISink<string> sink, int subtask = 0) => Writer = sink.CreateWriter(subtask, Wake);

    public ISinkWriter<string> Writer { get; }

    /// <summary>How often the writer was not ready.</summary>
    public int Waits { get; private set; }

    /// <summary>Writes without regard to readiness, as a record in hand may.</summary>
    public void Write(params IEnumerable<string> records)
    {
        foreach (string record in records)
        {
            Writer.Write(in record, _context);
        }
        Writer.EndStep();
    }

    /// <summary>Writes only when ready, waiting to be woken.</summary>
    public async Task WriteAllAsync(IEnumerable<string> records)
    {
        foreach (string record in records)
        {
            await ReadyAsync();
            Writer.Write(in record, _context);
        }
        Writer.EndStep();
        await ReadyAsync();
    }

    public async Task ReadyAsync()
    {
        for (var woken = Volatile.Read(ref _woken); !Writer.IsReady; woken = Volatile.Read(ref _woken))
        {
            Waits++;
            await woken.Task.WaitAsync(KafkaScript.Hang);
        }
    }

    public void Dispose() => Writer.Dispose();

    private void Wake() => Interlocked.Exchange(ref _woken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
