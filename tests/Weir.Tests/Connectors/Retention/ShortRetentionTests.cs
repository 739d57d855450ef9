using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors.Retention;

/// <summary>A topic that keeps its records for less time than a job takes between two checkpoints, on a real Kafka: what the guard is for.</summary>
public sealed class ShortRetentionTests : IDisposable
{
    // All of the burst fits into the job's queues, which it is the first to leave after 20 s; what comes meanwhile waits in the topic, but never for long.
    private const int Burst = 2000;
    private const double Slow = 100;
    private const double Trickle = 50;
    private const double Fast = 1e9;

    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_urgent = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan s_hang = TimeSpan.FromMinutes(4);

    private readonly Dictionary<string, double> _slack = [];
    private readonly MeterListener _meters = new();

    public ShortRetentionTests()
    {
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "weir.source.loss.headroom")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            foreach (var (name, tag) in tags)
            {
                if (name == "weir.job")
                {
                    _slack[(string)tag!] = seconds;
                }
            }
        });
        _meters.Start();
    }

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task With_the_guard_a_slow_job_restarts_without_loss_and_without_it_the_same_job_can_not()
    {
        KafkaFolderBroker broker;
        try
        {
            broker = await KafkaFolderBroker.StartOwnAsync(new BrokerWishes { Settings = ["log.retention.check.interval.ms=250"] });
        }
        catch (NoBrokerException none)
        {
            Assert.Skip($"A broker whose settings are the test's is needed: {none.Message}");
            return;
        }
        await using var _ = broker;
        await using var guarded = KafkaScript.At(broker.Bootstrap);
        await using var unguarded = KafkaScript.At(broker.Bootstrap);
        string input = await guarded.TopicAsync(1, ("retention.ms", s_kept.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture)), ("segment.ms", "1000"));
        using var with = new Line(guarded, input, await guarded.TopicAsync(1), RetentionCheck: TimeSpan.FromMilliseconds(500));
        using var without = new Line(unguarded, input, await unguarded.TopicAsync(1), RetentionCheck: TimeSpan.Zero);
        var written = new List<string>();
        Write(Burst);
        var clock = Stopwatch.StartNew();
        with.Begin();
        without.Begin();

        // Until the topic has deleted what the unguarded one would read next.
        long start, next;
        do
        {
            Write(Math.Max(1, Burst + (int)(clock.Elapsed.TotalSeconds * Trickle) - written.Count));      // into new segments, so that old ones end
            start = await StartAsync(guarded, input);
            _slack.Clear();
            _meters.RecordObservableInstruments();
            with.Note(clock, start, written.Count, _slack.TryGetValue(guarded.Job, out double seconds) ? seconds : null);
            next = without.Note(clock, start, written.Count, null);
            await Task.Delay(TimeSpan.FromMilliseconds(250), TestContext.Current.CancellationToken);
        }
        while (start <= next && !with.Run.IsCompleted && !without.Run.IsCompleted && clock.Elapsed < s_hang);
        await with.KillAsync();
        await without.KillAsync();
        // What counts is what was committed by then; how long a start takes is not to matter.
        await guarded.Admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = input }] = [new ConfigEntry { Name = "retention.ms", Value = "-1", IncrementalOperation = AlterConfigOpType.Set }],
        });
        start = await StartAsync(guarded, input);

        long? committed = guarded.GroupOffset($"weir.{guarded.Job}", input, 0);
        with.Tell($"killed: restart at {committed}, log starts at {start}");
        Assert.True(committed >= start && start > next, with.Timeline);
        Assert.Equal(JobOutcome.Finished, await with.RestartAsync());
        Assert.Equal(written, guarded.Committed(with.Output, 0));
        with.Tell($"restarted: all {written.Count} records are in the output, each once");

        without.Tell($"killed: restart at {next}, log starts at {start}");
        var lost = await Assert.ThrowsAsync<JobException>(() => without.RestartAsync());
        without.Tell($"refused: {lost.Message}");
        Assert.Equal(JobFailure.DataLoss, lost.Reason);
        Assert.Contains($"{start - next:N0} records of {input}-0 are gone", lost.Message, StringComparison.Ordinal);

        TestContext.Current.TestOutputHelper?.WriteLine($"With the guard:\n{with.Timeline}\nWithout it:\n{without.Timeline}");

        void Write(int count)
        {
            string[] some = [.. Enumerable.Range(written.Count, count).Select(static number => $"n{number}")];
            guarded.Produce(input, 0, some);
            written.AddRange(some);
        }
    }

    private static async Task<long> StartAsync(KafkaScript kafka, string topic)
    {
        var answer = await kafka.Admin.ListOffsetsAsync([new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, 0), OffsetSpec = OffsetSpec.Earliest() }]);
        return answer.ResultInfos[0].TopicPartitionOffsetError.Offset.Value;
    }

    /// <summary>Copies no faster than it is told, behind queues that are full.</summary>
    private sealed class SlowCopy(double recordsPerSecond) : IJob
    {
        public void Build(JobBuilder job) => job
            .FromKafka("in", new TextMessages())
            .Rebalance()
            .Throttle(recordsPerSecond)
            .ToKafka("out", new TextMessages());
    }

    /// <summary>One of the two jobs, and what was seen of it.</summary>
    private sealed class Line : IDisposable
    {
        private readonly KafkaScript _kafka;
        private readonly string _input;
        private readonly JobScript _job;
        private readonly CancellationTokenSource _kill = new();
        private readonly List<string> _lines = [];
        private readonly TimeSpan _retentionCheck;
        private string _last = "";
        private int _saidWarnings;

        public Line(KafkaScript kafka, string input, string output, TimeSpan RetentionCheck)
        {
            (_kafka, _input, Output, _retentionCheck) = (kafka, input, output, RetentionCheck);
            // As seldom as a transaction of 15 min allows.
            _job = new JobScript(kafka, input, output) { Job = new SlowCopy(Slow), Interval = TimeSpan.FromMinutes(8), Hang = s_hang, Cancel = _kill.Token, Source = Source(bounded: false) };
        }

        public string Output { get; }

        public Task<JobOutcome> Run { get; private set; } = Task.FromResult(JobOutcome.Stopped);

        public string Timeline => string.Join('\n', _lines);

        public void Begin() => Run = _job.RunAsync();

        /// <summary>Notes where it stands, where that has changed, or time has passed.</summary>
        /// <returns>What a restart would read next.</returns>
        public long Note(Stopwatch clock, long start, int end, double? slack)
        {
            foreach (string warning in _job.Warnings.Skip(_saidWarnings))
            {
                _saidWarnings++;
                Tell($"{clock.Elapsed.TotalSeconds,5:F1} s  says: {warning}");
            }
            long? committed = _kafka.GroupOffset($"weir.{_kafka.Job}", _input, 0);
            string key = $"{committed} {start} {(int)(clock.Elapsed.TotalSeconds / 5)}";
            if (key != _last)
            {
                _last = key;
                Tell(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{clock.Elapsed.TotalSeconds,5:F1} s  log {start} to {end}, committed {committed?.ToString(CultureInfo.InvariantCulture) ?? "pointer 0"}, slack {(slack is { } left ? $"{left:F1} s" : "not looked at")}"));
            }
            return committed ?? 0;
        }

        public void Tell(string line) => _lines.Add(line);

        public async Task KillAsync()
        {
            await _kill.CancelAsync();
            Assert.Equal(JobOutcome.Cancelled, await Run);
            foreach (var report in _job.Checkpoints.Reverse())
            {
                Tell(string.Create(CultureInfo.InvariantCulture, $"checkpoint {report.Id}: {report.Mode}, {report.Duration.TotalMilliseconds:F0} ms, {report.InFlightRecords} records in flight"));
            }
        }

        public Task<JobOutcome> RestartAsync()
        {
            (_job.Job, _job.Cancel, _job.Source) = (new SlowCopy(Fast), CancellationToken.None, Source(bounded: true));
            return _job.RunAsync();
        }

        public void Dispose()
        {
            _job.Dispose();
            _kill.Dispose();
        }

        private KafkaSourceOptions Source(bool bounded) => new()
        {
            End = bounded ? SourceEnd.Current : SourceEnd.Never,
            RetentionCheckInterval = _retentionCheck,
            UrgentSlack = s_urgent,
            DegradedSlack = TimeSpan.FromSeconds(5),
        };
    }
}
