using System.Text;
using Weir.Connectors.Kafka.Splits;

namespace Weir.Connectors.Kafka;

/// <summary>The settings of every kind of client, from what was measured and from what the operator adds; and what the operator may not set.</summary>
/// <remarks>Pure. Numbers come from docs/exactly-once.md and the measurements behind it.</remarks>
internal static class KafkaSettings
{
    private static readonly Dictionary<string, string> Owned = new(StringComparer.Ordinal)
    {
        ["bootstrap.servers"] = "it is set by BootstrapServers",
        ["metadata.broker.list"] = "it is set by BootstrapServers",
        ["client.id"] = "it names job, slot and role in the broker's logs",
        ["group.id"] = "offsets are committed as the job's own group",
        ["group.instance.id"] = "sources are assigned by the job, not by a group",
        ["group.protocol"] = "sources are assigned by the job, not by a group",
        ["group.remote.assignor"] = "sources are assigned by the job, not by a group",
        ["transactional.id"] = "it says who owns the job's slot",
        ["transaction.timeout.ms"] = "it follows from checkpoint interval, checkpoint timeout and the two budgets",
        ["enable.idempotence"] = "without it records repeat or change places",
        ["enable.gapless.guarantee"] = "the transaction decides what is lost",
        ["acks"] = "an acknowledged record must survive a broker",
        ["request.required.acks"] = "an acknowledged record must survive a broker",
        ["retry.backoff.ms"] = "a commit's duration tells whether it was sent twice, and that rests on it",
        ["retry.backoff.max.ms"] = "a commit's duration tells whether it was sent twice, and that rests on it",
        ["retries"] = "the message timeout bounds it",
        ["message.send.max.retries"] = "the message timeout bounds it",
        ["delivery.report.only.error"] = "the sink counts refusals by it",
        ["partitioner"] = "the sink chooses partitions itself (murmur2 of the key, as Java's client)",
        ["enable.auto.commit"] = "positions are committed with the checkpoint",
        ["enable.auto.offset.store"] = "positions are committed with the checkpoint",
        ["auto.commit.enable"] = "positions are committed with the checkpoint",
        ["auto.offset.reset"] = "an offset that is gone must be an error, never a jump",
        ["isolation.level"] = "records of open transactions must not be read",
        ["check.crcs"] = "it is on, and costs nothing",
        ["enable.partition.eof"] = "the end of a bounded source rests on it",
        ["log.queue"] = "the client's lines go to the host's log",
    };

    /// <summary>The settings that the operator may not set.</summary>
    public static IReadOnlyCollection<string> OwnedKeys => Owned.Keys;

    /// <summary>Turns <c>SaslUsername</c> into <c>sasl.username</c>; dotted names stay.</summary>
    public static string Dotted(string key)
    {
        if (key.Contains('.', StringComparison.Ordinal))
        {
            return key.ToLowerInvariant();
        }
        var dotted = new StringBuilder(key.Length + 4);
        foreach (char letter in key)
        {
            if (char.IsAsciiLetterUpper(letter) && dotted.Length > 0)
            {
                dotted.Append('.');
            }
            dotted.Append(char.ToLowerInvariant(letter));
        }
        return dotted.ToString();
    }

    /// <summary>Everything wrong with the options, each in one sentence; no value of a client setting appears in any.</summary>
    public static IReadOnlyList<string> Problems(KafkaJobOptions options)
    {
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Client.BootstrapServers))
        {
            problems.Add("BootstrapServers is empty: Kafka can't be found without it.");
        }
        foreach (string key in options.Client.Client.Keys)
        {
            if (Owned.TryGetValue(Dotted(key), out string? reason))
            {
                problems.Add($"Client:{key} can't be set: {reason}.");
            }
        }
        if (WantsToken(options.Client))
        {
            problems.Add(
                "Client:sasl.mechanism is OAUTHBEARER, but nothing fetches its tokens: set sasl.oauthbearer.method to oidc, and sasl.oauthbearer.client.id, sasl.oauthbearer.client.secret "
                + "and sasl.oauthbearer.token.endpoint.url, or another mechanism, such as SCRAM-SHA-512. Tokens from a program's own code are not supported.");
        }
        AddShort(problems, nameof(KafkaOptions.CommitBudget), options.Client.CommitBudget);
        AddShort(problems, nameof(KafkaOptions.UploadBudget), options.Client.UploadBudget);
        if (options.Client.StagingBytesMax < 65_536 || options.Client.StagingRecordsMax < 100)
        {
            problems.Add("StagingBytesMax must be at least 65536 and StagingRecordsMax at least 100.");
        }
        foreach (var (name, source) in options.Sources)
        {
            AddTopics(problems, name, source);
            if (source.Start == SourceStart.Timestamp && source.StartTimestamp is null)
            {
                problems.Add($"Sources:{name}: Start is Timestamp, but StartTimestamp is not set.");
            }
            if (source.End == SourceEnd.Timestamp != source.EndTimestamp is not null)
            {
                problems.Add($"Sources:{name}: End is {source.End}, and EndTimestamp is {(source.EndTimestamp is null ? "not set" : "set")}: set both, or neither.");
            }
            if (source.End == SourceEnd.Offsets != source.EndOffsets.Count > 0)
            {
                problems.Add($"Sources:{name}: End is {source.End}, and EndOffsets names {(source.EndOffsets.Count == 0 ? "none" : "some")}: set both, or neither.");
            }
            if (source.DiscoveryInterval < TimeSpan.Zero)
            {
                problems.Add($"Sources:{name}: DiscoveryInterval is {source.DiscoveryInterval:c}; set it to zero, which never looks, or more.");
            }
            if (source.RetentionCheckInterval < TimeSpan.Zero)
            {
                problems.Add($"Sources:{name}: RetentionCheckInterval is {source.RetentionCheckInterval:c}; set it to zero, which never looks, or more.");
            }
            if (source.UrgentSlack is { } urgent && (urgent <= TimeSpan.Zero || urgent > KafkaSourceOptions.SlackMax))
            {
                problems.Add($"Sources:{name}: UrgentSlack is {urgent:c}; set it to more than zero, up to {KafkaSourceOptions.SlackMax:c}, or remove it for a share of the topic's retention.");
            }
            if (source.DegradedSlack is { } degraded && (degraded < TimeSpan.Zero || degraded > (source.UrgentSlack ?? KafkaSourceOptions.SlackMax)))
            {
                problems.Add($"Sources:{name}: DegradedSlack is {degraded:c}; set it to zero, which never degrades, up to UrgentSlack ({source.UrgentSlack ?? KafkaSourceOptions.SlackMax:c}).");
            }
            if (source.Start == SourceStart.Offsets && source.StartOffsets.Count == 0)
            {
                problems.Add($"Sources:{name}: Start is Offsets, but StartOffsets names none.");
            }
        }
        return problems;
    }

    private static void AddTopics(List<string> problems, string name, KafkaSourceOptions source)
    {
        if (source.Topic is not null && source.Topics.Count > 0)
        {
            problems.Add($"Sources:{name}: Topic and Topics are both set: remove one of them.");
        }
        var topics = source.TopicsOf(name);
        if (topics.Any(string.IsNullOrWhiteSpace))
        {
            problems.Add($"Sources:{name}: Topics has an entry without a name: remove it.");
        }
        foreach (string twice in topics.GroupBy(topic => topic, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key))
        {
            problems.Add($"Sources:{name}: Topics names {twice} twice: remove one of them.");
        }
        foreach (var (topic, text) in source.Partitions)
        {
            if (!topics.Contains(topic))
            {
                problems.Add($"Sources:{name}: Partitions names topic {topic}, which the source does not read: correct the name, or remove it; it reads {string.Join(", ", topics)}.");
            }
            else if (!PartitionSet.TryParse(text, out _))
            {
                problems.Add($"Sources:{name}: Partitions:{topic} is '{text}'; write numbers and ranges, such as 0-3,7.");
            }
        }
    }

    /// <summary>For clients that only ask or change topics and groups.</summary>
    public static Dictionary<string, string> Admin(KafkaOptions options, string clientId) => Common(options, clientId);

    public static Dictionary<string, string> Consumer(KafkaOptions options, string clientId, string group, bool reportEnds)
    {
        var settings = Common(options, clientId);
        settings["group.id"] = group;
        settings["auto.offset.reset"] = "error";
        settings["enable.auto.commit"] = "false";
        settings["enable.auto.offset.store"] = "false";
        settings["isolation.level"] = "read_committed";
        settings["check.crcs"] = "true";
        settings["enable.partition.eof"] = reportEnds ? "true" : "false";
        settings.TryAdd("fetch.queue.backoff.ms", "5");          // 1000 by default: a bounded queue would then run dry
        // What is fetched is unpacked whole, several times its size, beyond the queue's bound: small fetches halve the memory and cost nothing. A batch that is larger than these comes all the same.
        settings.TryAdd("queued.max.messages.kbytes", (options.PrefetchBytesMax / 1024).ToString(null, null));
        settings.TryAdd("fetch.max.bytes", (options.PrefetchBytesMax / 2).ToString(null, null));
        settings.TryAdd("max.partition.fetch.bytes", (options.PrefetchBytesMax / 4).ToString(null, null));
        // Of those that write; the client refuses one that is larger than a fetch.
        settings["message.max.bytes"] = Math.Min(MessageBytesMax(settings), Bytes(settings, "fetch.max.bytes", otherwise: long.MaxValue)).ToString(null, null);
        settings.TryAdd("max.poll.interval.ms", "86400000");     // back-pressure may last; no group waits for us
        return settings;
    }

    /// <summary>For the short read of a commits partition: every wait is short.</summary>
    public static Dictionary<string, string> PointerReader(KafkaOptions options, string clientId, string group)
    {
        var settings = Consumer(options, clientId, group, reportEnds: true);
        settings["fetch.wait.max.ms"] = "5";
        return settings;
    }

    /// <param name="options">What the operator set.</param>
    /// <param name="clientId">Its name.</param>
    /// <param name="batchBytesMax">The largest batch that the topics take; null where nothing bounds it.</param>
    public static Dictionary<string, string> Producer(KafkaOptions options, string clientId, long? batchBytesMax)
    {
        var settings = Common(options, clientId);
        settings["enable.idempotence"] = "true";
        settings["delivery.report.only.error"] = "true";
        settings.TryAdd("linger.ms", "5");
        settings.TryAdd("compression.type", "lz4");
        settings.TryAdd("message.timeout.ms", "60000");
        // About 20 ms of output: the flush of a queue this short is what a checkpoint waits for.
        settings.TryAdd("queue.buffering.max.messages", "20000");
        if (batchBytesMax < BatchBytes(settings))
        {
            settings["batch.size"] = batchBytesMax.Value.ToString(null, null);      // a record that is larger by itself still goes out alone
        }
        settings.TryAdd("queue.buffering.max.kbytes", Math.Max(4096, 2 * MessageBytesMax(settings) / 1024).ToString(null, null));
        return settings;
    }

    public static Dictionary<string, string> Transactional(KafkaOptions options, string clientId, string transactionalId, TimeSpan timeout, long? batchBytesMax)
    {
        var settings = Producer(options, clientId, batchBytesMax);
        settings["transactional.id"] = transactionalId;
        settings["transaction.timeout.ms"] = ((long)timeout.TotalMilliseconds).ToString(null, null);
        // When all brokers were away, "rebootstrap" (the default) makes their connections anew, and a call that adds offsets may wait for ever for the old one
        // to its coordinator (librdkafka #5456, #5511). Where their addresses changed meanwhile, the transaction's end brings a new client.
        settings.TryAdd("metadata.recovery.strategy", "none");
        return settings;
    }

    /// <summary>The client's own limit for one record, in bytes.</summary>
    public static long MessageBytesMax(IReadOnlyDictionary<string, string> settings) => Bytes(settings, "message.max.bytes", otherwise: 1_000_000);

    /// <summary>How large the client's batches may become, in bytes.</summary>
    public static long BatchBytes(IReadOnlyDictionary<string, string> settings) => Bytes(settings, "batch.size", otherwise: 1_000_000);

    /// <summary>The client settings that the operator gave: as written, and as librdkafka has them.</summary>
    public static IEnumerable<(string Written, string Key, string Value)> Given(KafkaOptions options) =>
        from given in options.Client
        let dotted = Dotted(given.Key)
        select (given.Key, dotted, Spelled(dotted, given.Value));

    /// <summary>Whether brokers are to be shown a token that only a callback of the program could make: the native clients have none.</summary>
    private static bool WantsToken(KafkaOptions options)
    {
        var given = Given(options).ToLookup(setting => setting.Key, setting => setting.Value, StringComparer.Ordinal);
        return given["sasl.mechanism"].Concat(given["sasl.mechanisms"]).Any(value => value.Equals("OAUTHBEARER", StringComparison.OrdinalIgnoreCase))
            && !given["sasl.oauthbearer.method"].Any(value => value.Equals("oidc", StringComparison.OrdinalIgnoreCase));
    }

    private static long Bytes(IReadOnlyDictionary<string, string> settings, string key, long otherwise) => settings.TryGetValue(key, out string? set) && long.TryParse(set, out long bytes) ? bytes : otherwise;

    private static Dictionary<string, string> Common(KafkaOptions options, string clientId)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (_, dotted, value) in Given(options))
        {
            settings[dotted] = value;
        }
        settings["bootstrap.servers"] = options.BootstrapServers;
        settings["client.id"] = clientId;
        settings.TryAdd("socket.timeout.ms", "15000");             // 60 s by default: a frozen broker would cost a minute
        settings.TryAdd("reconnect.backoff.max.ms", "1000");
        settings.TryAdd("enable.sparse.connections", "false");     // saves a start 45 ms
        settings.TryAdd("log.connection.close", "false");
        return settings;
    }

    /// <summary>Accepts the spelling of .NET's enumerations beside librdkafka's.</summary>
    private static string Spelled(string key, string value) => (key, value.ToLowerInvariant()) switch
    {
        ("security.protocol", "saslssl") => "sasl_ssl",
        ("security.protocol", "saslplaintext") => "sasl_plaintext",
        ("sasl.mechanism" or "sasl.mechanisms", "scramsha256") => "SCRAM-SHA-256",
        ("sasl.mechanism" or "sasl.mechanisms", "scramsha512") => "SCRAM-SHA-512",
        _ => value,
    };

    private static void AddShort(List<string> problems, string name, TimeSpan budget)
    {
        if (budget < TimeSpan.FromSeconds(10))
        {
            problems.Add($"{name} is {budget.TotalSeconds:F0} s; it must be at least 10 s.");
        }
    }
}
