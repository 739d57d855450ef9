using System.Diagnostics;
using Confluent.Kafka;

namespace Weir.Sandbox.Hosting;

/// <summary>Writes the messages of a feed, one number after the other, each once.</summary>
/// <remarks>Thread: one at a time.</remarks>
internal sealed class FeedWriter : IDisposable
{
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_fullPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_flushMax = TimeSpan.FromSeconds(10);

    private readonly TopicFeed _feed;
    private readonly IProducer<byte[]?, byte[]?> _producer;
    private long _bytes;
    private volatile Error? _refused;

    /// <param name="feed">What is written.</param>
    /// <param name="settings">Where the brokers are, and how to reach them.</param>
    public FeedWriter(TopicFeed feed, IEnumerable<KeyValuePair<string, string>> settings)
    {
        _feed = feed;
        var config = new ProducerConfig(settings.ToDictionary()) { EnableIdempotence = true };
        _producer = new ProducerBuilder<byte[]?, byte[]?>(config).SetErrorHandler((_, error) => _refused = error.IsFatal ? error : _refused).Build();
    }

    /// <summary>Records written so far.</summary>
    public long Records { get; private set; }

    /// <summary>Bytes of a record, on average.</summary>
    public double BytesEach => Records == 0 ? 0 : (double)_bytes / Records;

    /// <summary>Writes at the feed's pace until it is stopped.</summary>
    /// <param name="room">How many records may be written now, whatever the pace.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KafkaException">The brokers take none.</exception>
    public async Task RunAsync(Func<double> room, CancellationToken stop)
    {
        using var beat = new PeriodicTimer(s_beat);
        long last = Stopwatch.GetTimestamp();
        double due = 0;
        try
        {
            while (await beat.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                // What could not be written in time is not made up for: at most a second's worth.
                due = Math.Min(_feed.PerSecond, due + (_feed.PerSecond * Stopwatch.GetElapsedTime(last).TotalSeconds));
                last = Stopwatch.GetTimestamp();
                long count = (long)Math.Min(due, room());
                due -= count;
                await WriteAsync(count, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As asked.
        }
    }

    /// <summary>Waits until the brokers have all of it.</summary>
    public void Flush() => _producer.Flush(s_flushMax);

    public void Dispose()
    {
        Flush();
        _producer.Dispose();
    }

    private async Task WriteAsync(long count, CancellationToken stop)
    {
        for (long end = Records + count; Records < end;)
        {
            if (_refused is { } error)
            {
                throw new KafkaException(error);
            }
            var message = _feed.Make(Records);
            try
            {
                _producer.Produce(_feed.Topic, message);
            }
            catch (ProduceException<byte[]?, byte[]?> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(s_fullPause, stop).ConfigureAwait(false);
                continue;
            }
            Records++;
            _bytes += (message.Key?.Length ?? 0) + (message.Value?.Length ?? 0);
        }
    }
}
