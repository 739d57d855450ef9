using Weir.Runtime;

namespace Weir.Testing;

/// <summary>A topic that the job under test reads.</summary>
/// <typeparam name="T">The record.</typeparam>
public sealed class JobTestSource<T>
{
    private readonly JobTest _test;
    private readonly LogSource<T> _source;

    internal JobTestSource(JobTest test, LogSource<T> source)
    {
        _test = test;
        _source = source;
    }

    /// <summary>Adds records, each as a message that the source's codec writes and the job will read. The partition is that of the key, or, where the codec writes none, one after the other.</summary>
    /// <param name="records">The records, in order. Those with slices go one by one, with their bytes.</param>
    /// <remarks>Where the source's codec only reads, use <see cref="AddMessage"/>.</remarks>
    public void Add(params ReadOnlySpan<T> records)
    {
        foreach (ref readonly var record in records)
        {
            Add(in record, []);
        }
    }

    /// <summary>Adds one record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="bytes">What its slices refer to; copied.</param>
    /// <param name="timestamp">When its message was made, in ms since 1970; null (the default) takes what the codec says, else the time of the test's clock.</param>
    public void Add(in T record, ReadOnlySpan<byte> bytes, long? timestamp = null)
    {
        var entry = LogMessages.Encode(_source.Messages, in record, bytes, RecordContext.NoTimestamp, Now);
        _test.Add(_source.Name, timestamp is { } given ? entry with { Timestamp = given } : entry, partition: null);
    }

    /// <summary>Adds a message as it is.</summary>
    /// <param name="message">The message.</param>
    /// <exception cref="ArgumentOutOfRangeException">The topic does not have its partition.</exception>
    public void AddMessage(TestMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        _test.Add(_source.Name, new SimulatedLog.Entry(message.Key?.ToArray(), message.Value?.ToArray()) { Headers = message.Headers, Timestamp = message.Timestamp ?? Now }, message.Partition);
    }

    private long Now => _test.Time.GetUtcNow().ToUnixTimeMilliseconds();
}
