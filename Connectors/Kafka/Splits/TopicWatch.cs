using Weir.Runtime;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Looks at a topic from time to time: whether it is still the one that is read, and has no partition that should be read and is not.</summary>
/// <param name="source">The source's name.</param>
/// <param name="topic">The topic.</param>
/// <param name="isWhole">Whether all its partitions are to be read, also those that are added.</param>
/// <param name="interval">How often; zero never looks.</param>
/// <param name="mayBeReplaced">Whether the source goes on in a topic that took its place, from its last checkpoint on.</param>
/// <param name="clients">Asks the brokers.</param>
/// <param name="time">The clock.</param>
/// <param name="fail">Ends the attempt. A new one reads what was added: from its last checkpoint, so that little is done again.</param>
internal sealed class TopicWatch(string source, string topic, bool isWhole, TimeSpan interval, bool mayBeReplaced, KafkaClients clients, TimeProvider time, Action<Exception> fail) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private Task _watching = Task.CompletedTask;

    /// <summary>Begins to look, once it is known what is read.</summary>
    public void Begin(FoundTopic read)
    {
        if (interval > TimeSpan.Zero && _watching.IsCompleted)
        {
            _watching = Task.Run(() => WatchAsync(read));
        }
    }

    /// <summary>What of a change matters to those who read; null for nothing.</summary>
    public JobException? Change(FoundTopic read, FoundTopic? found) =>
        found is null ? new JobException(JobFailure.DataLoss, $"Source {source}: topic {topic} was deleted while it was read.")
        : found.Id != read.Id ? mayBeReplaced ? new JobException(JobFailure.Transient, $"Source {source}: topic {topic} was deleted and made again") : StartOffsets.Replaced(source, topic, read.Id, found.Id)
        : isWhole && found.Partitions > read.Partitions ? new JobException(
            JobFailure.Transient, $"Source {source}: topic {topic} has {found.Partitions} partitions now, of which {read.Partitions} are read; from its last checkpoint on the job reads them all")
        : null;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task WatchAsync(FoundTopic read)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(_ended.Token).ConfigureAwait(false))
        {
            try
            {
                var found = await clients.Admin().FindAsync(topic).WaitAsync(_ended.Token).ConfigureAwait(false);
                if (Change(read, found) is { } failure)
                {
                    fail(failure);
                    return;
                }
            }
            catch (JobException)
            {
                // No answer now: those who read say so.
            }
        }
    }
}
