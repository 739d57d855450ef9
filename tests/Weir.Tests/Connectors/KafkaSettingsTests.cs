using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Sink;
using Weir.Connectors.Kafka.Splits;
using Weir.Runtime;

namespace Weir.Tests.Connectors;

public sealed class KafkaSettingsTests
{
    /// <summary>Each key that may not be set: dotted, and as .NET's client has it.</summary>
    public static TheoryData<string> OwnedKeys =>
        [.. KafkaSettings.OwnedKeys, .. KafkaSettings.OwnedKeys.Select(key => string.Concat(key.Split('.').Select(part => char.ToUpperInvariant(part[0]) + part[1..])))];

    [Theory]
    [InlineData("SecurityProtocol", "security.protocol")]
    [InlineData("security.protocol", "security.protocol")]
    [InlineData("SaslUsername", "sasl.username")]
    public void A_setting_may_be_dotted_or_Pascal_case(string given, string dotted) => Assert.Equal(dotted, KafkaSettings.Dotted(given));

    [Theory, MemberData(nameof(OwnedKeys))]
    public void A_setting_that_the_protocol_rests_on_is_refused_with_the_reason(string key)
    {
        var options = Options();
        options.Client.Client[key] = "secret-value";
        var refused = Assert.Throws<JobException>(() => new KafkaConnectorFactory(options));
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Matches($"Client:{System.Text.RegularExpressions.Regex.Escape(key)} can't be set: [a-z].{{10,}}", refused.Message);
        Assert.DoesNotContain("secret-value", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("client.rack", "client.rack", "rack-1")]
    [InlineData("FetchMinBytes", "fetch.min.bytes", "1024")]
    [InlineData("Fetch.Wait.Max.Ms", "fetch.wait.max.ms", "50")]
    [InlineData("QueuedMaxMessagesKbytes", "queued.max.messages.kbytes", "65536")]
    [InlineData("statistics.interval.ms", "statistics.interval.ms", "0")]
    [InlineData("BrokerAddressFamily", "broker.address.family", "v4")]
    public void Any_other_setting_of_the_client_reaches_the_sources_consumer(string key, string dotted, string value)
    {
        var options = Options();
        options.Client.Client[key] = value;
        _ = new KafkaConnectorFactory(options);
        Assert.Equal(value, KafkaSettings.Consumer(options.Client, "client", "group", reportEnds: false)[dotted]);
    }

    [Theory]
    [InlineData("RetentionCheckInterval", -1.0, null, null)]
    [InlineData("UrgentSlack", 15.0, 0.0, null)]
    [InlineData("UrgentSlack", 15.0, 40_000_000.0, null)]
    [InlineData("DegradedSlack", 15.0, 60.0, 61.0)]
    [InlineData("DegradedSlack", 15.0, null, -1.0)]
    public void A_slack_that_makes_no_sense_is_named(string name, double interval, double? urgent, double? degraded)
    {
        var options = Options();
        options.Sources["in"] = new KafkaSourceOptions
        {
            RetentionCheckInterval = TimeSpan.FromSeconds(interval),
            UrgentSlack = urgent is { } set ? TimeSpan.FromSeconds(set) : null,
            DegradedSlack = degraded is { } other ? TimeSpan.FromSeconds(other) : null,
        };
        var refused = Assert.Throws<JobException>(() => new KafkaConnectorFactory(options));
        Assert.Contains($"Sources:in: {name} is ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LingerMilliseconds")]
    [InlineData("linger.ms")]
    [InlineData("CompressionType")]
    [InlineData("ssl.certificate.verify_cb")]
    [InlineData("oauthbearer_token_refresh_cb")]
    public void A_client_setting_that_librdkafka_does_not_take_is_named_before_anything_runs_without_its_value(string key)
    {
        var options = Options();
        options.Client.Client[key] = "secret-value";
        var refused = Assert.Throws<JobException>(() => new KafkaConnectorFactory(options));
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Contains($"Client:{key} ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_librdkafka_refuses_is_not_repeated()
    {
        var options = Options();
        options.Client.Client["sasl.mechanism"] = "secret-value";
        options.Client.Client["linger.ms"] = "secret-value";
        using var clients = new KafkaClients(options.Client, "job", 0, startLimit: null, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var refused = Assert.Throws<JobException>(() => clients.Idempotent("out", 0, "out", static _ => { }));
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.DoesNotContain("secret-value", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("orders", "eu,us", "", "", "Topic and Topics are both set")]
    [InlineData(null, "eu,eu", "", "", "Topics names eu twice")]
    [InlineData(null, "eu,", "", "", "Topics has an entry without a name")]
    [InlineData(null, "eu,us", "asia", "0", "Partitions names topic asia, which the source does not read")]
    [InlineData("orders", "", "orders", "0;1", "Partitions:orders is '0;1'; write numbers and ranges")]
    public void Topics_and_partitions_that_make_no_sense_are_named(string? topic, string topics, string partitionsOf, string partitions, string said)
    {
        var source = new KafkaSourceOptions { Topic = topic, Topics = topics.Length == 0 ? [] : [.. topics.Split(',')] };
        if (partitionsOf.Length > 0)
        {
            source.Partitions[partitionsOf] = partitions;
        }
        var options = Options();
        options.Sources["in"] = source;
        var refused = Assert.Throws<JobException>(() => new KafkaConnectorFactory(options));
        Assert.Contains($"Sources:in: {said}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SourceEnd.Timestamp, false, false, "End is Timestamp, and EndTimestamp is not set")]
    [InlineData(SourceEnd.Never, true, false, "End is Never, and EndTimestamp is set")]
    [InlineData(SourceEnd.Offsets, false, false, "End is Offsets, and EndOffsets names none")]
    [InlineData(SourceEnd.Current, false, true, "End is Current, and EndOffsets names some")]
    public void An_end_that_says_half_is_named(SourceEnd end, bool hasTimestamp, bool hasOffsets, string said)
    {
        var source = new KafkaSourceOptions { End = end, EndTimestamp = hasTimestamp ? DateTimeOffset.UnixEpoch : null };
        if (hasOffsets)
        {
            source.EndOffsets["in-0"] = 1;
        }
        var options = Options();
        options.Sources["in"] = source;
        var refused = Assert.Throws<JobException>(() => new KafkaConnectorFactory(options));
        Assert.Contains($"Sources:in: {said}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3,7", new[] { 0, 1, 2, 3, 7 })]
    [InlineData(" 5 , 1 - 2 ", new[] { 1, 2, 5 })]
    public void Partitions_are_numbers_and_ranges(string text, int[] partitions)
    {
        Assert.True(PartitionSet.TryParse(text, out var set));
        Assert.Equal(partitions, Enumerable.Range(0, 10).Where(set.Contains));
        Assert.Equal(partitions[^1], set.Highest);
    }

    [Theory, InlineData(""), InlineData("a"), InlineData("3-1"), InlineData("-1"), InlineData("1-2-3"), InlineData("1,"), InlineData("99999999999")]
    public void What_is_no_number_and_no_range_is_no_partition(string text) => Assert.False(PartitionSet.TryParse(text, out _));

    [Theory]
    [InlineData(null, true)]
    [InlineData("default", true)]
    [InlineData("oidc", false)]
    public void Tokens_that_nothing_would_fetch_are_refused_before_anything_runs(string? method, bool isRefused)
    {
        var options = Options();
        options.Client.Client["SaslMechanism"] = "OAuthBearer";
        if (method is not null)
        {
            options.Client.Client["sasl.oauthbearer.method"] = method;
        }
        Assert.Equal(isRefused, KafkaSettings.Problems(options).Any(static problem => problem.Contains("set sasl.oauthbearer.method to oidc", StringComparison.Ordinal)));
    }

    [Fact]
    public void All_that_is_wrong_is_listed_at_once()
    {
        var options = new KafkaJobOptions();
        options.Sources["in"] = new KafkaSourceOptions { Start = SourceStart.Timestamp };
        var problems = KafkaSettings.Problems(options);
        Assert.Equal(2, problems.Count);
        Assert.Contains(problems, problem => problem.Contains("Sources:in", StringComparison.Ordinal));
    }

    [Fact]
    public void Sizes_follow_the_largest_record()
    {
        var options = Options();
        options.Client.Client["MessageMaxBytes"] = "10000000";
        var settings = KafkaSettings.Producer(options.Client, "client", batchBytesMax: null);
        Assert.True(int.Parse(settings["queue.buffering.max.kbytes"], null) * 1024 >= 10_000_000);
    }

    [Theory]
    [InlineData(null, null, 1_000_000)]
    [InlineData(null, 1_048_588L, 1_000_000)]
    [InlineData(null, 20_000L, 20_000)]
    [InlineData("5000", 20_000L, 5_000)]
    [InlineData("50000", 20_000L, 20_000)]
    public void A_batch_is_no_larger_than_what_the_topics_take(string? set, long? topics, long batch)
    {
        var options = Options();
        if (set is not null)
        {
            options.Client.Client["BatchSize"] = set;
        }
        Assert.Equal(batch, KafkaSettings.BatchBytes(KafkaSettings.Producer(options.Client, "client", topics)));
    }

    [Fact]
    public void The_least_of_several_topics_counts_and_one_that_is_not_known_does_not()
    {
        var limits = new TopicLimits();
        Assert.Null(limits.Least(["a"]));
        limits.Note("a", 30_000);
        limits.Note("b", 20_000);
        limits.Note("c", 10_000);
        Assert.Equal(20_000, limits.Least(["a", "b", "unknown"]));
    }

    [Fact]
    public void A_transaction_lives_as_long_as_interval_timeout_and_budgets()
    {
        var budget = TransactionBudget.Of(Context(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5)), new KafkaOptions());
        Assert.Equal(430, budget.Timeout.TotalSeconds);
        Assert.Equal(310, budget.SwitchUntil.TotalSeconds);
        Assert.Equal(370, budget.UploadUntil.TotalSeconds);
    }

    [Fact]
    public void A_transaction_that_would_outlive_the_brokers_limit_is_refused_with_the_numbers()
    {
        var refused = Assert.Throws<JobException>(() => TransactionBudget.Of(Context(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5)), new KafkaOptions()));
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Contains("1020 s", refused.Message, StringComparison.Ordinal);
        Assert.Contains("900 s", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, new long[] { })]
    [InlineData(0, 50, new long[] { 0 })]
    [InlineData(0, 5000, new long[] { 4900, 4000, 0 })]
    [InlineData(4950, 5000, new long[] { 4950 })]
    public void A_pointer_is_looked_for_from_the_tail_backwards(long start, long end, long[] starts) => Assert.Equal(starts, PointerSearch.Starts(start, end));

    [Fact]
    public void A_split_names_topic_and_partition()
    {
        Assert.Equal("my-topic-12", SplitName.Of("my-topic", 12));
        Assert.Equal(("my-topic", 12), SplitName.Parse("my-topic-12"));
        Assert.All(["12", "-12", "my-topic", "my-topic-", "my-topic--1x"], split => Assert.Throws<JobException>(() => SplitName.Parse(split)));
    }

    [Theory]
    [InlineData(-184, KafkaFault.QueueFull)]
    [InlineData(-144, KafkaFault.Fenced)]
    [InlineData(47, KafkaFault.Fenced)]
    [InlineData(-140, KafkaFault.OffsetGone)]
    [InlineData(10, KafkaFault.TooLarge)]
    [InlineData(58, KafkaFault.Authentication)]
    [InlineData(3, KafkaFault.UnknownTopic)]
    [InlineData(-195, KafkaFault.Unreachable)]
    [InlineData(-149, KafkaFault.Broken)]
    public void Broker_codes_are_told_apart(int code, object fault) => Assert.Equal(fault, KafkaFaults.Classify(code));

    [Theory]
    [InlineData(-169, "SASL authentication error: Authentication failed during authentication due to invalid credentials", KafkaFault.Authentication)]
    [InlineData(-169, "SASL SCRAM-SHA-512 mechanism handshake failed: Local: Broker transport failure: broker's supported mechanisms: (n/a)", KafkaFault.Unreachable)]
    [InlineData(-181, "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed", KafkaFault.Authentication)]
    [InlineData(-181, "SSL handshake failed: SSL transport error: Connection timed out", KafkaFault.Unreachable)]
    public void A_broker_that_goes_away_in_the_middle_of_a_handshake_refuses_nobody(int code, string text, object fault) => Assert.Equal(fault, new KafkaError(code, text).Fault);

    [Theory]
    [InlineData(-169, "SASL authentication error", "sasl.password")]
    [InlineData(58, "Broker: SASL Authentication failed", "sasl.password")]
    [InlineData(-181, "SSL handshake failed: certificate verify failed", "ssl.ca.location")]
    [InlineData(-181, "SSL handshake failed: wrong version number", "security.protocol")]
    [InlineData(29, "Broker: Topic authorization failed", "right to it")]
    public void Whatever_is_refused_says_what_to_do_and_ends_the_program(int code, string text, string said)
    {
        var failure = KafkaFaults.Failure(new KafkaError(code, text), "Something failed");
        Assert.Equal(JobFailure.Unreachable, failure.Reason);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-150, true)]
    [InlineData(-151, true)]
    [InlineData(-152, true)]
    [InlineData(10, false)]
    public void A_purge_is_only_what_follows_the_clients_fatal_error(int code, bool hides) => Assert.Equal(hides, KafkaFaults.HidesFatal(code));

    private static KafkaJobOptions Options() => new() { Client = new KafkaOptions { BootstrapServers = "127.0.0.1:1" } };

    private static ConnectorContext Context(TimeSpan interval, TimeSpan timeout) => new()
    {
        Job = "job",
        Slot = 0,
        LifeId = "life",
        IsRestart = false,
        HasLog = true,
        HasLogSink = true,
        CheckpointInterval = interval,
        CheckpointTimeout = timeout,
        Time = TimeProvider.System,
        Logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
        Fail = static _ => { },
        NoteSlack = static (_, _) => { },
    };
}
