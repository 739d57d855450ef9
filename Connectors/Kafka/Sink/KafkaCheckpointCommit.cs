using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>Commits a job's checkpoints by Kafka transactions: output, source offsets and the pointer become visible together, or not at all.</summary>
/// <remarks>
/// Calls come one at a time; what blocks runs on the attempt's committer thread. A job without a transactional sink commits in the same way, its
/// transactions hold only pointer and offsets. Protocol: docs/exactly-once.md.
/// </remarks>
internal sealed class KafkaCheckpointCommit : ICheckpointCommit
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    // A call of the client may take 2 s, or 5 s when it begins; one that takes longer ignores its own time-out.
    private static readonly TimeSpan LeaveCancelledAfter = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LeaveAfter = TimeSpan.FromSeconds(30);

    private readonly ConnectorContext _context;
    private readonly KafkaClients _clients;
    private readonly TransactionBudget _budget;
    private readonly IReadOnlyDictionary<string, SourceTopics> _sources;
    private readonly IReadOnlyCollection<SinkTopic> _sinkTopics;
    private readonly CommitsTopic _topic;
    private readonly byte[] _key;
    private readonly PointerReader _reader;
    private readonly CommitterThread _thread;
    private readonly CancellationTokenSource _ended = new();
    private readonly GroupOffsetsAge _offsetsAge;
    private List<TopicOffset> _groupOffsets = [];
    private IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> _prepared = new Dictionary<string, IReadOnlyList<SplitPosition>>();
    private Task _readerTask = Task.CompletedTask;
    private Task _renewal = Task.CompletedTask;
    private Task _asked = Task.CompletedTask;

    /// <param name="context">The attempt.</param>
    /// <param name="clients">Makes its clients.</param>
    /// <param name="sources">What each source reads; filled while the graph is opened. Positions of other sources stay out of the group's offsets.</param>
    /// <param name="sinkTopics">Topics of transactional sinks; filled while the graph is opened. They are looked up before the producers may write.</param>
    public KafkaCheckpointCommit(ConnectorContext context, KafkaClients clients, IReadOnlyDictionary<string, SourceTopics> sources, IReadOnlyCollection<SinkTopic> sinkTopics)
    {
        _sinkTopics = sinkTopics;
        _context = context;
        _clients = clients;
        _sources = sources;
        _budget = TransactionBudget.Of(context, clients.Options);
        _topic = new CommitsTopic(context.Job, context.Slot, clients.Options.CommitsTopic, context.Logger);
        _key = PointerRecord.Key(context.Job, context.Slot);
        _reader = new PointerReader(clients, _topic, _key, context.Slot);
        Transactions = new SlotTransactions(clients, _budget, _topic.Name, context.Fail);
        _thread = new CommitterThread(context.Job);
        _offsetsAge = new GroupOffsetsAge(context.Time);
    }

    public string Job => _context.Job;

    /// <summary>The transactions that sinks write to.</summary>
    public SlotTransactions Transactions { get; }

    public DateTimeOffset? UploadDeadline => Transactions.EndingAge is { } age ? _context.Time.GetUtcNow() + (_budget.UploadUntil - age) : null;

    public bool IsPressed => Transactions.OpenAge > _budget.PressedFrom;

    public bool IsAging => _offsetsAge.IsDue;

    /// <summary>Until when brokers keep the group's offsets; null where that is not known.</summary>
    public TimeSpan? OffsetsLeft => _offsetsAge.Left;

    public async Task<CommitStart> StartAsync(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var admin = _clients.Admin();
        // Nothing here takes the slot yet: connections are made while the topics are looked up.
        await BothAsync(
            stop => CallAsync(Transactions.Connect, stop),
            stop => LookUpAsync(admin, stop),
            cancellation).ConfigureAwait(false);
        await CallAsync(Transactions.Fit, cancellation).ConfigureAwait(false);
        _readerTask = Task.Factory.StartNew(_reader.Open, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await CallAsync(Transactions.Take, cancellation).ConfigureAwait(false);
        await _readerTask.ConfigureAwait(false);
        CheckpointPointer? pointer = null;
        await BothAsync(
            async stop => pointer = await NewestAsync(admin, stop).ConfigureAwait(false),
            async stop => _groupOffsets = await _clients.Patience.AskAsync(() => _clients.GroupOffsetsAsync(_clients.Group), stop).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
        string? cluster = await _thread.RunAsync(Transactions.ClusterId).ConfigureAwait(false);
        _context.Logger.SlotTaken(_context.Slot, _context.Job, _context.LifeId, clock.Elapsed.TotalMilliseconds, pointer is null ? "none" : $"{pointer.CheckpointId} of life {pointer.LifeId}");
        return new CommitStart(pointer, _groupOffsets.Count > 0, cluster);
    }

    public async Task<CheckpointPointer?> ReadPointerAsync(CancellationToken cancellation)
    {
        var admin = _clients.Admin();
        return await NewestAsync(admin, cancellation).ConfigureAwait(false);
    }

    public Task<bool> CommitFirstAsync(CheckpointPointer pointer, CancellationToken cancellation) =>
        CallAsync(ended => Transactions.CommitFirst(_context.Slot, _key, pointer.Serialize(), ended), cancellation);

    public void Compare(IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions)
    {
        var committed = _groupOffsets.ToDictionary(place => (place.Topic, place.Partition), place => place.Offset);
        var wanted = Offsets(positions);
        var absent = wanted.Where(place => !committed.ContainsKey((place.Topic, place.Partition))).ToList();
        var other = wanted.Where(place => committed.TryGetValue((place.Topic, place.Partition), out long offset) && offset != place.Offset).ToList();
        if (absent.Count > 0)
        {
            _context.Logger.GroupOffsetsGone(_clients.Group, absent.Count, wanted.Count);
        }
        if (other.Count > 0)
        {
            _context.Logger.GroupOffsetsDiffer(_clients.Group, string.Join(", ", other.Select(place =>
                string.Create(CultureInfo.InvariantCulture, $"{place.Topic}-{place.Partition}: {committed[(place.Topic, place.Partition)]} instead of {place.Offset}"))));
        }
    }

    public async Task BeginAsync(CancellationToken cancellation)
    {
        // The pointer was read; beside the call, since both block.
        _readerTask = Task.Factory.StartNew(_reader.Close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await CallAsync(Transactions.Begin, cancellation).ConfigureAwait(false);
        await _readerTask.WaitAsync(cancellation).ConfigureAwait(false);
        foreach (var source in _sources.Values)
        {
            source.Guard();
        }
        KafkaMetrics.Show(this);
        _asked = AskOffsetsAgeAsync();
    }

    public async Task MaySwitchAsync(CancellationToken cancellation)
    {
        await _renewal.WaitAsync(cancellation).ConfigureAwait(false);
        var age = Transactions.OpenAge;
        if (age > _budget.SwitchUntil)
        {
            throw new JobException(
                JobFailure.Transient,
                $"The open transaction is {age.TotalSeconds:F0} s old; the broker aborts it at {_budget.Timeout.TotalSeconds:F0} s, which leaves too little for another checkpoint.");
        }
    }

    public Task SwitchAsync(long checkpoint, CancellationToken cancellation) => CallAsync(Transactions.Switch, cancellation);

    public async Task PrepareAsync(CheckpointPointer pointer, IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions, CancellationToken cancellation)
    {
        if (!Transactions.IsEnding)
        {
            // No sink had to switch: the transaction holds only what is prepared now.
            await MaySwitchAsync(cancellation).ConfigureAwait(false);
            await CallAsync(Transactions.Switch, cancellation).ConfigureAwait(false);
        }
        await CallAsync(
            ended => Transactions.Prepare(_context.Slot, _key, pointer.Serialize(), Offsets(positions), ended), cancellation).ConfigureAwait(false);
        _prepared = positions;
    }

    public async Task CommitAsync(CheckpointPointer pointer, CancellationToken cancellation)
    {
        int? suspect = await CallAsync(ended => Transactions.Commit(pointer.CheckpointId, ended), cancellation).ConfigureAwait(false);
        _offsetsAge.Committed();
        foreach (var (source, splits) in _prepared)
        {
            _sources.GetValueOrDefault(source)?.Committed(splits);
        }
        if (suspect is { } id)
        {
            _renewal = _thread.RunAsync(() => Transactions.Renew(id, _ended.Token));
        }
    }

    public async ValueTask DisposeAsync()
    {
        KafkaMetrics.Hide(this);
        await _ended.CancelAsync().ConfigureAwait(false);
        await _readerTask.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);      // it uses the reader
        await _asked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_thread.IsLeftBehind && _thread.RunAsync(Close) is var closing && await ReturnsAsync(closing, _ended.Token).ConfigureAwait(false))
        {
            await closing.ConfigureAwait(false);
            await _thread.DisposeAsync().ConfigureAwait(false);
            await _renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _ended.Dispose();
    }

    private void Close()
    {
        Transactions.Dispose();
        _reader.Dispose();
    }

    /// <summary>Makes a call that blocks, until it is cancelled or this is disposed.</summary>
    private async Task<T> CallAsync<T>(Func<CancellationToken, T> call, CancellationToken cancellation)
    {
        var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _ended.Token);
        var token = ended.Token;
        var calling = _thread.RunAsync(() =>
        {
            using (ended)      // It may outlive whoever asked.
            {
                return call(token);
            }
        });
        if (!await ReturnsAsync(calling, token).ConfigureAwait(false))
        {
            token.ThrowIfCancellationRequested();
            throw new JobException(JobFailure.Transient, $"Kafka's client has not returned for {LeaveAfter.TotalSeconds:F0} s from a call that may take two.");
        }
        return await calling.ConfigureAwait(false);
    }

    /// <summary>Waits for a call, but not for a native one that does not return: its thread and client are then left behind.</summary>
    private async Task<bool> ReturnsAsync(Task calling, CancellationToken cancellation)
    {
        while (await Task.WhenAny(calling, Task.Delay(LookEvery, _context.Time, CancellationToken.None)).ConfigureAwait(false) != calling)
        {
            var since = Transactions.CallingFor;
            if (since > (cancellation.IsCancellationRequested ? LeaveCancelledAfter : LeaveAfter) && _thread.TryLeaveBehind(Close))
            {
                _context.Logger.ClientLeftBehind(since.TotalSeconds);
            }
            if (_thread.IsLeftBehind)
            {
                return false;
            }
        }
        return true;
    }

    private Task<bool> CallAsync(Action<CancellationToken> call, CancellationToken cancellation) => CallAsync(
        ended =>
        {
            call(ended);
            return true;
        },
        cancellation);

    private async Task AskOffsetsAgeAsync()
    {
        try
        {
            _offsetsAge.Take(await _clients.Admin().BrokerSettingsAsync().WaitAsync(_ended.Token).ConfigureAwait(false));
        }
        catch (JobException failure)
        {
            _context.Logger.OffsetsRetentionUnknown(GroupOffsetsAge.Setting, failure.Message);
        }
    }

    private async Task LookUpAsync(KafkaAdmin admin, CancellationToken cancellation)
    {
        await _clients.Patience.AskAsync(() => _topic.EnsureAsync(admin), cancellation).ConfigureAwait(false);
        foreach (var topic in _sinkTopics)
        {
            await topic.CheckAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Awaits two calls side by side; the first that fails ends the other.</summary>
    private static async Task BothAsync(Func<CancellationToken, Task> first, Func<CancellationToken, Task> second, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] both = [first(either.Token), second(either.Token)];
        if (!(await Task.WhenAny(both).ConfigureAwait(false)).IsCompletedSuccessfully)
        {
            await either.CancelAsync().ConfigureAwait(false);
        }
        await Task.WhenAll(both).ConfigureAwait(false);
    }

    private async Task<CheckpointPointer?> NewestAsync(KafkaAdmin admin, CancellationToken cancellation)
    {
        var (start, end) = await _clients.Patience.AskAsync(() => _reader.BoundsAsync(admin), cancellation).ConfigureAwait(false);
        return await CallAsync(ended => _reader.Newest(start, end, ended), cancellation).ConfigureAwait(false);
    }

    private List<TopicOffset> Offsets(IReadOnlyDictionary<string, IReadOnlyList<SplitPosition>> positions)
    {
        var offsets = new List<TopicOffset>();
        foreach (var (source, splits) in positions)
        {
            if (_sources.ContainsKey(source))
            {
                offsets.AddRange(from split in splits let place = SplitName.Parse(split.Split) select new TopicOffset(place.Topic, place.Partition, split.Position));
            }
        }
        return offsets;
    }
}
