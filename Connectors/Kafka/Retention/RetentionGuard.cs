using System.Globalization;
using Confluent.Kafka.Admin;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Retention;

/// <summary>Looks from time to time how long a topic still keeps what a restart would read next of it, and tells the job.</summary>
/// <remarks>
/// Thread: a task of its own, beside the record path; positions come from the committer. Holds: a position is that of the last checkpoint that was committed, or
/// where the attempt began, never what is read now. What it can't ask it leaves: those who read say that brokers are away.
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

    /// <summary>What is kept longer is kept for ever: no job will see its end.</summary>
    private static readonly TimeSpan RetentionMax = TimeSpan.FromDays(36_500);

    private readonly CancellationTokenSource _ended = new();
    private readonly Dictionary<int, RetentionForecast> _forecasts = [];
    private volatile IReadOnlyDictionary<int, long> _positions = new Dictionary<int, long>();
    private Task _watching = Task.CompletedTask;
    private TimeSpan? _retention;
    private long? _settingsAt;
    private bool _saidUnknown;
    private SlackLevel _level;

    /// <summary>Begins to look.</summary>
    public void Begin()
    {
        if (options.RetentionCheckInterval > TimeSpan.Zero && _watching.IsCompleted)
        {
            _watching = Task.Run(WatchAsync);
        }
    }

    /// <summary>From here a restart would read on.</summary>
    public void Committed(IReadOnlyList<SplitPosition> positions) =>
        _positions = positions.ToDictionary(position => SplitName.Parse(position.Split).Partition, position => position.Position);

    public async ValueTask DisposeAsync()
    {
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
                var limits = SlackLimits.Of(options, _retention);
                var (split, left) = await LookAsync(context.Time.GetElapsedTime(began), limits.Horizon).ConfigureAwait(false);
                Tell(split, left, limits);
                pause = Pause(limits);
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
    private TimeSpan Pause(SlackLimits limits)
    {
        var often = limits.Urgent / 4 > PauseMin ? limits.Urgent / 4 : PauseMin;
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
            var settings = await clients.Admin().SettingsAsync(topic).WaitAsync(_ended.Token).ConfigureAwait(false);
            _retention = Retention(settings);
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

    /// <summary>The partition that has the least time left; null where no end is in sight of any.</summary>
    private async Task<(string Split, TimeSpan? Left)> LookAsync(TimeSpan at, TimeSpan horizon)
    {
        var positions = _positions;
        int[] partitions = [.. positions.Keys];
        var (starts, ends) = await clients.Admin().BoundsAsync(topic, partitions).WaitAsync(_ended.Token).ConfigureAwait(false);
        var lefts = new Dictionary<int, TimeSpan?>();
        foreach (int partition in partitions)
        {
            if (!_forecasts.TryGetValue(partition, out var forecast))
            {
                _forecasts.Add(partition, forecast = new RetentionForecast());
            }
            forecast.Look(at, starts[partition], ends[partition]);
            if (positions[partition] < ends[partition])
            {
                lefts.Add(partition, forecast.Until(positions[partition]) is { } left && left < horizon ? left : null);
            }
        }
        foreach (var (partition, left) in await UntilExpiryAsync(lefts.Keys, positions, horizon).ConfigureAwait(false))
        {
            lefts[partition] = Least(lefts[partition], left);
        }
        return lefts.Where(left => left.Value is not null).OrderBy(left => left.Value).Select(left => (SplitName.Of(topic, left.Key), left.Value)).FirstOrDefault(("", null));
    }

    /// <summary>How long their age still keeps the partitions' positions; null for longer than the horizon.</summary>
    private async Task<Dictionary<int, TimeSpan?>> UntilExpiryAsync(IReadOnlyCollection<int> partitions, IReadOnlyDictionary<int, long> positions, TimeSpan horizon)
    {
        if (_retention is not { } retention)
        {
            return [];
        }
        long expiredMs = (context.Time.GetUtcNow() - retention).ToUnixTimeMilliseconds();
        var searches = partitions.ToDictionary(partition => partition, partition => new ExpirySearch(positions[partition], expiredMs, horizon));
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

    private void Tell(string split, TimeSpan? left, SlackLimits limits)
    {
        var was = _level;
        _level = limits.Next(was, left);
        var slack = left is { } time ? new RestartSlack(source, split, time, _level) : null;
        if (_level != was)
        {
            switch (_level)
            {
                case SlackLevel.Urgent:
                    clients.Logger.SlackUrgent(source, split, slack!.Forecast, limits.Urgent);
                    break;
                case SlackLevel.Degraded:
                    clients.Logger.SlackDegraded(source, split, slack!.Forecast, limits.Degraded);
                    break;
                default:
                    clients.Logger.SlackFine(source, topic, limits.Urgent);
                    break;
            }
        }
        context.NoteSlack(source, slack);
    }

    /// <summary>How long the topic keeps a record by its age; null where age deletes none.</summary>
    private static TimeSpan? Retention(Dictionary<string, string> settings) =>
        settings.GetValueOrDefault("cleanup.policy", "delete").Contains("delete", StringComparison.Ordinal)
        && long.TryParse(settings.GetValueOrDefault("retention.ms"), CultureInfo.InvariantCulture, out long ms)
        && ms >= 0 && ms < RetentionMax.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(ms)
            : null;

    private static TimeSpan? Least(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;
}
