using System.Globalization;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Retention;
using Weir.Connectors.Kafka.Sink;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Looks at the brokers and the topics of the jobs; writes nothing.</summary>
internal sealed class KafkaChecks(KafkaOptions options, IReadOnlyList<JobRun> jobs, TimeProvider time) : IDisposable
{
    private const int Slot = 0;

    // With the client's own ten seconds for a call, this is the first answer that counts as none.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    private readonly KafkaClients _clients = new(options, "doctor", Slot, s_patience, time, NullLogger.Instance);
    private readonly List<Finding> _findings = [];
    private KafkaAdmin _admin = null!;

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellation)
    {
        try
        {
            _admin = _clients.Admin();
            int brokers = await _clients.Patience.AskAsync(_admin.BrokersAsync, cancellation).ConfigureAwait(false);
            Add(Finding.Pass("brokers", $"{brokers} of {options.BootstrapServers} answer and let us in."));
        }
        catch (JobException failure)
        {
            Add(Finding.Away("brokers", failure.Message, "Look at Weir:Kafka:BootstrapServers and, for TLS and passwords, Weir:Kafka:Client; and whether a firewall lets this machine through."));
            return _findings;
        }
        await TryAsync("transactions", TransactionsAsync).ConfigureAwait(false);
        foreach (var job in jobs)
        {
            foreach (var (source, topics) in job.Sources)
            {
                foreach (string topic in topics)
                {
                    await TryAsync($"source {topic}", check => SourceAsync(check, job, source, topic)).ConfigureAwait(false);
                }
            }
            foreach (var (sink, topic) in job.Sinks)
            {
                await TryAsync($"sink {topic}", check => SinkAsync(check, job, sink, topic)).ConfigureAwait(false);
            }
            if (job.HasTransactions)
            {
                await TryAsync($"commits of {job.Name}", check => CommitsAsync(check, job)).ConfigureAwait(false);
            }
        }
        Add(Finding.Unknown("clock of the brokers", "Brokers tell no time to who writes nothing.", "Let brokers and this machine take their time from the same NTP servers."));
        return _findings;
    }

    public void Dispose() => _clients.Dispose();

    private void Add(Finding finding) => _findings.Add(finding);

    private async Task TryAsync(string check, Func<string, Task> run)
    {
        try
        {
            await run(check).ConfigureAwait(false);
        }
        catch (JobException failure)
        {
            Add(Finding.Of(check, failure));
        }
    }

    private async Task TransactionsAsync(string check)
    {
        if (!jobs.Any(job => job.HasTransactions))
        {
            return;
        }
        Dictionary<string, string> settings;
        try
        {
            settings = await _admin.BrokerSettingsAsync().ConfigureAwait(false);
        }
        catch (JobException refused)
        {
            Add(Finding.Unknown(check, refused.Message, "Allow this user DescribeConfigs of the cluster, or compare transaction.max.timeout.ms with Weir:Kafka:TransactionTimeoutMax by hand."));
            return;
        }
        if (Number(settings, "transaction.max.timeout.ms") is not { } ms)
        {
            Add(Finding.Unknown(check, "The brokers do not say their transaction.max.timeout.ms.", "Compare it with Weir:Kafka:TransactionTimeoutMax by hand."));
            return;
        }
        var max = TimeSpan.FromMilliseconds(ms);
        foreach (var job in jobs.Where(job => job.HasTransactions))
        {
            var timeout = TransactionTimeout(job);
            string found = $"A transaction of {job.Name} may grow {TextTables.Length(timeout)} old (checkpoint interval, checkpoint timeout, upload and commit budget); brokers allow {TextTables.Length(max)}.";
            Add(timeout <= max
                ? Finding.Pass(check, found)
                : Finding.Fail(check, found, $"Shorten Weir:Jobs:{job.Name}:CheckpointTimeout, or raise transaction.max.timeout.ms of the brokers and Weir:Kafka:TransactionTimeoutMax."));
        }
        if (options.TransactionTimeoutMax > max)
        {
            Add(Finding.Warn(check, $"Weir:Kafka:TransactionTimeoutMax is {options.TransactionTimeoutMax:c}, more than the brokers' {max:c}.", "Set it to what the brokers allow."));
        }
    }

    private async Task SourceAsync(string check, JobRun job, string source, string topic)
    {
        if (await _admin.FindAsync(topic).ConfigureAwait(false) is not { } found)
        {
            Add(Finding.Fail(check, $"There is no topic {topic}, which job {job.Name} reads.", $"Make it, or correct Weir:Jobs:{job.Name}:Sources:{source}:Topic."));
            return;
        }
        var retention = TopicRetention.Of(await _admin.SettingsAsync(topic).ConfigureAwait(false));
        // What a restart reads next is as old as the last checkpoint that may have failed, and one more.
        var needed = (2 * job.Settings.CheckpointInterval) + job.Settings.CheckpointTimeout;
        string keeps = retention.Age is { } age ? $"keeps records for {TextTables.Length(age)}" : "keeps records whatever their age";
        string sentence = $"{topic} has {found.Partitions} partitions and {keeps}; job {job.Name} takes a checkpoint every {TextTables.Length(job.Settings.CheckpointInterval)}.";
        Add(retention.Age is not { } limit || limit > needed
            ? Finding.Pass(check, sentence)
            : limit <= job.Settings.CheckpointInterval
                ? Finding.Fail(check, sentence, $"Raise retention.ms of {topic} above {TextTables.Length(needed)}, or shorten Weir:Jobs:{job.Name}:CheckpointInterval: records are deleted before a checkpoint covers them.")
                : Finding.Warn(check, sentence, $"Raise retention.ms of {topic} above {TextTables.Length(needed)}: a restart may find records gone."));
    }

    private async Task SinkAsync(string check, JobRun job, string sink, string topic)
    {
        if (await _admin.FindAsync(topic).ConfigureAwait(false) is not { } found)
        {
            Add(job.Kafka.Sink(sink).CreateTopic
                ? Finding.Pass(check, $"There is no topic {topic} yet; job {job.Name} makes it.")
                : Finding.Fail(check, $"There is no topic {topic}, which job {job.Name} writes.", $"Make it, correct Weir:Jobs:{job.Name}:Sinks:{sink}:Topic, or set CreateTopic there."));
            return;
        }
        var settings = await _admin.SettingsAsync(topic).ConfigureAwait(false);
        int replicas = await _admin.ReplicasAsync(topic).ConfigureAwait(false);
        long inSync = Number(settings, "min.insync.replicas") ?? 1;
        long bytes = Number(settings, TopicLimits.Setting) ?? long.MaxValue;
        long sent = KafkaSettings.MessageBytesMax(KafkaSettings.Producer(options, "doctor", batchBytesMax: null));
        string sentence = $"{topic} has {found.Partitions} partitions, {replicas} replicas, min.insync.replicas {inSync}, and takes batches of {SettingText.Size(bytes)}.";
        Add(inSync > replicas ? Finding.Fail(check, sentence, $"Nothing can be written: set min.insync.replicas of {topic} to at most {replicas}, or give it more replicas.")
            : bytes < sent ? Finding.Warn(check, sentence, $"Records up to {SettingText.Size(sent)} are sent: raise max.message.bytes of {topic}, or set Weir:Kafka:Client:message.max.bytes to {bytes.ToString(CultureInfo.InvariantCulture)}.")
            : replicas < 2 ? Finding.Warn(check, sentence, $"Output is gone when that broker's disk is: give {topic} three replicas and min.insync.replicas 2.")
            : inSync < 2 ? Finding.Warn(check, sentence, $"What one broker alone has acknowledged may be lost with it: set min.insync.replicas of {topic} to 2.")
            : Finding.Pass(check, sentence));
        await OpenTransactionsAsync(job, topic, found.Partitions).ConfigureAwait(false);
    }

    /// <summary>Readers of committed records stop at the first open transaction: that it is old shows without asking for transactions, which the client has no call for.</summary>
    private async Task OpenTransactionsAsync(JobRun job, string topic, int partitions)
    {
        string check = $"open transactions in {topic}";
        int[] all = [.. Enumerable.Range(0, partitions)];
        var ends = await _admin.OffsetsAsync(topic, all, OffsetSpec.Latest()).ConfigureAwait(false);
        var stable = await _admin.StableEndsAsync(topic, all).ConfigureAwait(false);
        int[] open = [.. all.Where(partition => stable[partition] < ends[partition])];
        if (open.Length == 0)
        {
            Add(Finding.Pass(check, "There are none."));
            return;
        }
        var age = TransactionTimeout(job);
        var since = await _admin.OffsetsAsync(topic, open, OffsetSpec.ForTimestamp((time.GetUtcNow() - age).ToUnixTimeMilliseconds())).ConfigureAwait(false);
        int[] stale = [.. open.Where(partition => since[partition] < 0 || since[partition] > stable[partition])];
        Add(stale.Length == 0
            ? Finding.Pass(check, $"Those in {open.Length} partitions are younger than {TextTables.Length(age)}, as a running job's are.")
            : Finding.Warn(
                check,
                $"One in partition {string.Join(", ", stale)} is older than {TextTables.Length(age)}: readers of committed records wait behind it.",
                $"If it is of job {job.Name}, start that: it aborts its own. Else find its producer with kafka-transactions.sh find-hanging, and abort it."));
    }

    private async Task CommitsAsync(string check, JobRun job)
    {
        var topic = new CommitsTopic(job.Name, Slot, options.CommitsTopic, NullLogger.Instance);
        if (await _admin.FindAsync(topic.Name).ConfigureAwait(false) is null)
        {
            Add(options.CommitsTopic.Create
                ? Finding.Pass(check, $"There is no topic {topic.Name} yet; the first start makes it.")
                : Finding.Fail(check, $"There is no topic {topic.Name}, and it may not be made.", $"Make it with cleanup.policy=compact, or set Weir:Kafka:CommitsTopic:Create."));
            return;
        }
        await topic.CheckAsync(_admin).ConfigureAwait(false);
        int replicas = await _admin.ReplicasAsync(topic.Name).ConfigureAwait(false);
        long inSync = Number(await _admin.SettingsAsync(topic.Name).ConfigureAwait(false), "min.insync.replicas") ?? 1;
        string sentence = $"{topic.Name} is compacted and has {replicas} replicas, min.insync.replicas {inSync}.";
        Add(replicas >= 3 && inSync >= 2 ? Finding.Pass(check, sentence) : Finding.Warn(check, sentence, $"A lost disk may lose commits: give {topic.Name} three replicas and min.insync.replicas 2."));
    }

    private TimeSpan TransactionTimeout(JobRun job) => TransactionBudget.TimeoutOf(job.Settings.CheckpointInterval, job.Settings.CheckpointTimeout, options);

    private static long? Number(Dictionary<string, string> settings, string name) =>
        long.TryParse(settings.GetValueOrDefault(name), CultureInfo.InvariantCulture, out long number) ? number : null;
}
