using Confluent.Kafka.Admin;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Retention;

/// <summary>Looks from time to time how long a topic still keeps what a restart would read next of it, and what is read next now, and tells the job.</summary>
/// <remarks>
/// Thread: a task of its own, beside the record path; committed positions come from the committer, others from the readers. Holds: what a restart would read is that of
/// the last checkpoint that was committed, or where the attempt began, never what is read now. What it can't ask it leaves: those who read say that brokers are away.
/// </remarks>
/// <param name="source">The source's name.</param>
/// <param name="topic">Its topic.</param>
/// <param name="options">How often to look, and below how much time the source is in need.</param>
/// <param name="clients">Asks the brokers.</param>
/// <param name="context">The attempt, which is told.</param>
internal sealed class RetentionGuard(string source, string topic, KafkaSourceOptions options, KafkaClients clients, ConnectorContext context) : IAsyncDisposable
{
    /// <summary>A topic's settings seldom change, and a change is seldom in a hurry.</summary>
    private static readonly TimeSpan SettingsEvery = TimeSpan.FromMinutes(10);

    /// <summary>However short a topic's retention is, brokers are not asked more often for it.</summary>
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ended = new();
    private readonly Dictionary<int, PartitionOutlook> _outlooks = [];
    private readonly List<PartitionCursors> _readers = [];
    private volatile IReadOnlyDictionary<int, long> _positions = new Dictionary<int, long>();
    private volatile IReadOnlyList<PartitionSlack> _slacks = [];
    private Task _watching = Task.CompletedTask;
    private TopicRetention _retention = TopicRetention.None;
    private long? _settingsAt;
    private bool _saidUnknown;
    private bool _isReadingInNeed;
    private SlackLevel _level;

    public string Job => context.Job;

    public string Source => source;

    public string Topic => topic;

    /// <summary>What the last look saw. Any thread.</summary>
    public IReadOnlyList<PartitionSlack> Slacks => _slacks;

    /// <summary>Begins to look.</summary>
    public void Begin()
    {
        if (options.RetentionCheckInterval > TimeSpan.Zero && _watching.IsCompleted)
        {
            KafkaMetrics.Show(this);
            _watching = Task.Run(WatchAsync);
        }
    }

    /// <summary>From here a restart would read on.</summary>
    public void Committed(IReadOnlyList<SplitPosition> positions) =>
        _positions = positions.ToDictionary(position => SplitName.Parse(position.Split).Partition, position => position.Position);

    /// <summary>Somebody reads some of the partitions, and says here where.</summary>
    public void Reads(PartitionCursors cursors)
    {
        lock (_readers)
        {
            _readers.Add(cursors);
        }
    }

    public async ValueTask DisposeAsync()
    {
        KafkaMetrics.Hide(this);
        await _ended.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task WatchAsync()
    {
        long began = context.Time.GetTimestamp();
        var pause = options.RetentionCheckInterval;
        while (true)
        {
            await Task.Delay(pause, context.Time, _ended.Token).ConfigureAwait(false);
            try
            {
                await AskSettingsAsync().ConfigureAwait(false);
                _slacks = await LookAsync(context.Time.GetElapsedTime(began)).ConfigureAwait(false);
                Tell();
                pause = Pause();
            }
            catch (JobException)
            {
                // No answer now.
            }
            catch (Exception failure) when (!_ended.IsCancellationRequested)
            {
                context.Fail(failure);      // nobody would guard
                return;
            }
        }
    }

    /// <summary>Where there is little time between a limit and the end, it is looked at a few times in between.</summary>
    private TimeSpan Pause()
    {
        var often = _slacks.Count == 0 ? options.RetentionCheckInterval : _slacks.Min(static slack => slack.Limits.Urgent) / 4;
        often = often > PauseMin ? often : PauseMin;
        return options.RetentionCheckInterval < often ? options.RetentionCheckInterval : often;
    }

    private async Task AskSettingsAsync()
    {
        if (_settingsAt is { } at && context.Time.GetElapsedTime(at) < SettingsEvery)
        {
            return;
        }
        try
        {
            _retention = TopicRetention.Of(await clients.Admin().SettingsAsync(topic).WaitAsync(_ended.Token).ConfigureAwait(false));
            _settingsAt = context.Time.GetTimestamp();
        }
        catch (JobException failure) when (!KafkaFaults.IsNoAnswer(failure))
        {
            if (!_saidUnknown)
            {
                _saidUnknown = true;
                clients.Logger.RetentionUnknown(source, topic, failure.Message);
            }
            _settingsAt = context.Time.GetTimestamp();
        }
    }

    private async Task<IReadOnlyList<PartitionSlack>> LookAsync(TimeSpan at)
    {
        var positions = _positions;
        int[] partitions = [.. positions.Keys];
        var read = Progress();
        var (starts, ends) = await clients.Admin().BoundsAsync(topic, partitions).WaitAsync(_ended.Token).ConfigureAwait(false);
        var limits = new Dictionary<int, SlackLimits>();
        foreach (int partition in partitions)
        {
            if (!_outlooks.TryGetValue(partition, out var outlook))
            {
                _outlooks.Add(partition, outlook = new PartitionOutlook());
            }
            outlook.Look(at, starts[partition], ends[partition]);
            limits[partition] = SlackLimits.Of(options, PartitionOutlook.Least(_retention.Age, outlook.Kept(_retention.Size, BytesEach(read, partition))));
        }
        // A position at the end has no record that could be deleted.
        var restart = await UntilGoneAsync(partitions.Where(partition => positions[partition] < ends[partition]).ToDictionary(partition => partition, partition => positions[partition])).ConfigureAwait(false);
        // What is read lies never before what was committed: where that is safe, so is this.
        var reading = await UntilGoneAsync(restart.Where(left => left.Value is not null).Select(left => (Partition: left.Key, Position: Reading(left.Key)))
            .Where(place => place.Position < ends[place.Partition]).ToDictionary(place => place.Partition, place => place.Position)).ConfigureAwait(false);
        return [.. partitions.Select(Slack)];

        long Reading(int partition) => Math.Max(positions[partition], read.TryGetValue(partition, out var progress) ? progress.Position : 0);

        async Task<Dictionary<int, TimeSpan?>> UntilGoneAsync(Dictionary<int, long> places)
        {
            var lefts = await UntilExpiryAsync(places, limits).ConfigureAwait(false);
            return places.ToDictionary(
                place => place.Key,
                place => PartitionOutlook.Least(lefts.GetValueOrDefault(place.Key), _outlooks[place.Key].Until(place.Value, _retention.Size, BytesEach(read, place.Key))) is { } left && left < limits[place.Key].Horizon ? left : (TimeSpan?)null);
        }

        PartitionSlack Slack(int partition)
        {
            var outlook = _outlooks[partition];
            var limit = limits[partition];
            var left = restart.GetValueOrDefault(partition);
            var unread = reading.GetValueOrDefault(partition);
            outlook.Level = limit.Next(outlook.Level, left);
            outlook.IsReadingInNeed = limit.Next(outlook.IsReadingInNeed ? SlackLevel.Degraded : SlackLevel.Fine, unread) == SlackLevel.Degraded;
            return new PartitionSlack(
                partition, left ?? limit.Horizon, unread ?? limit.Horizon, outlook.IsReadingInNeed, outlook.Level, limit, Math.Max(0, ends[partition] - Reading(partition)), outlook.AppendedPerSecond ?? 0);
        }
    }

    /// <summary>How long their age still keeps positions; null for longer than their horizon.</summary>
    private async Task<Dictionary<int, TimeSpan?>> UntilExpiryAsync(Dictionary<int, long> positions, Dictionary<int, SlackLimits> limits)
    {
        if (_retention.Age is not { } age)
        {
            return [];
        }
        long expiredMs = (context.Time.GetUtcNow() - age).ToUnixTimeMilliseconds();
        var searches = positions.ToDictionary(place => place.Key, place => new ExpirySearch(place.Value, expiredMs, limits[place.Key].Horizon));
        while (searches.Where(search => !search.Value.IsDone).ToList() is { Count: > 0 } open)
        {
            var found = await clients.Admin().OffsetsAsync(topic, open.Select(search => (search.Key, OffsetSpec.ForTimestamp(search.Value.AskMs))))
                .WaitAsync(_ended.Token).ConfigureAwait(false);
            foreach (var (partition, search) in open)
            {
                search.Answer(found[partition]);
            }
        }
        return searches.ToDictionary(search => search.Key, search => search.Value.Left);
    }

    private Dictionary<int, ReadProgress> Progress()
    {
        var progress = new Dictionary<int, ReadProgress>();
        lock (_readers)
        {
            _readers.ForEach(reader => reader.AddProgress(topic, progress));
        }
        return progress;
    }

    private static double? BytesEach(Dictionary<int, ReadProgress> read, int partition) =>
        read.TryGetValue(partition, out var progress) && progress.Records > 0 ? (double)progress.Bytes / progress.Records : null;

    private void Tell()
    {
        if (_slacks.Count == 0)
        {
            return;
        }
        var worst = _slacks.OrderByDescending(static slack => slack.Level).ThenBy(static slack => slack.Restart).First();
        var slack = worst.Restart < worst.Limits.Horizon ? new RestartSlack(source, SplitName.Of(topic, worst.Partition), worst.Restart, worst.Level) : null;
        if (worst.Level != _level)
        {
            _level = worst.Level;
            KafkaMetrics.Changed(context.Job, source, _level);
            switch (_level)
            {
                case SlackLevel.Urgent:
                    clients.Logger.SlackUrgent(source, slack!.Split, slack.Forecast, worst.Limits.Urgent);
                    break;
                case SlackLevel.Degraded:
                    clients.Logger.SlackDegraded(source, slack!.Split, slack.Forecast, worst.Limits.Degraded);
                    break;
                default:
                    clients.Logger.SlackFine(source, topic, worst.Limits.Urgent);
                    break;
            }
        }
        TellReading();
        context.NoteSlack(source, slack);
    }

    private void TellReading()
    {
        var worst = _slacks.OrderByDescending(static slack => slack.IsReadingInNeed).ThenBy(static slack => slack.Reading).First();
        if (worst.IsReadingInNeed == _isReadingInNeed)
        {
            return;
        }
        _isReadingInNeed = worst.IsReadingInNeed;
        if (_isReadingInNeed)
        {
            clients.Logger.ReadingInNeed(source, SplitName.Of(topic, worst.Partition), RestartSlack.Foretold(worst.Reading), worst.Limits.Degraded);
        }
        else
        {
            clients.Logger.ReadingFine(source, topic, worst.Limits.Degraded);
        }
    }
}
