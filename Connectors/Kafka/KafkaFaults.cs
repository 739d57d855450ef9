using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>What a code of client or broker means to Weir.</summary>
internal enum KafkaFault
{
    None,

    /// <summary>The end of a partition: no fault at all.</summary>
    EndOfPartition,

    /// <summary>The client's queue is full: wait, and go on from the same record.</summary>
    QueueFull,

    /// <summary>No broker answers now; the client goes on trying by itself.</summary>
    Unreachable,

    /// <summary>The brokers are busy with themselves; the same call may succeed later.</summary>
    Retriable,

    /// <summary>A broker knows us and says no.</summary>
    Authentication,

    /// <summary>There is no such topic or partition.</summary>
    UnknownTopic,

    /// <summary>The next record to read is not in the log any more, or not yet.</summary>
    OffsetGone,

    /// <summary>A record is larger than client or broker take.</summary>
    TooLarge,

    /// <summary>Another instance initialised our transactional id, or the broker gave the transaction up.</summary>
    Fenced,

    /// <summary>A setting that the broker refuses.</summary>
    Refused,

    /// <summary>Anything else: the attempt is over.</summary>
    Broken,
}

/// <summary>The one place that knows broker codes.</summary>
internal static class KafkaFaults
{
    public const int PartitionEnd = -191;
    public const int QueueIsFull = -184;
    public const int AllBrokersDown = -187;
    public const int TopicExists = 36;
    private const int NoLeaderKnown = -156; // Of a call about offsets, while a broker comes back.
    private const int Fatal = -150;
    private const int PurgedInFlight = -151;
    private const int PurgedInQueue = -152;

    // What the client calls its own TLS and authentication errors.
    private const int Tls = -181;
    private const int Sasl = -169;

    /// <summary>What an error means.</summary>
    /// <remarks>
    /// The client calls every end of an exchange of credentials a failed authentication, also where the broker went away in the middle of it, and names that behind it:
    /// who goes away refuses nobody. Reading librdkafka 2.15: <c>rd_kafka_broker_handle_SaslHandshake</c>, <c>rd_kafka_transport_ssl_io_update</c>.
    /// </remarks>
    public static KafkaFault Classify(int code, string text) => code is Tls or Sasl && s_wentAway.Any(end => text.Contains(end, StringComparison.Ordinal))
        ? KafkaFault.Unreachable
        : Classify(code);

    private static readonly string[] s_wentAway = ["Local: Broker transport failure", "Local: Timed out", "SSL transport error: "];

    public static KafkaFault Classify(int code) => code switch
    {
        0 => KafkaFault.None,
        PartitionEnd => KafkaFault.EndOfPartition,
        QueueIsFull => KafkaFault.QueueFull,
        // transport, resolve, timed out, message timed out, unknown broker
        -195 or -193 or -185 or -192 or -146 or AllBrokersDown => KafkaFault.Unreachable,
        // waiting for coordinator or cache, in progress, retry, no leader known; leader, coordinator and replica changes; concurrent transactions
        -153 or -178 or -180 or NoLeaderKnown or 5 or 6 or 7 or 8 or 9 or 13 or 14 or 15 or 16 or 19 or 20 or 51 or 74 or 75 or 78 => KafkaFault.Retriable,
        // TLS, authentication, topic, group, cluster, transactional id, SASL mechanism, SASL
        Tls or Sasl or 29 or 30 or 31 or 53 or 33 or 34 or 58 => KafkaFault.Authentication,
        -190 or -188 or 3 => KafkaFault.UnknownTopic,
        -140 or -139 or 1 => KafkaFault.OffsetGone,
        10 or 18 => KafkaFault.TooLarge,
        // fenced, invalid producer epoch, producer fenced
        -144 or 47 or 90 => KafkaFault.Fenced,
        // transaction timeout above the broker's limit, policy violation, invalid partitions, replication factor or config
        50 or 44 or 37 or 38 or 40 => KafkaFault.Refused,
        _ => KafkaFault.Broken,
    };

    /// <summary>The error that ends the attempt, or the start.</summary>
    /// <param name="error">What was answered.</param>
    /// <param name="doing">What was being done, as the beginning of a sentence.</param>
    public static JobException Failure(KafkaError error, string doing) => new(Reason(error), Sentence(error, doing));

    /// <summary>The same for a call that is made before anything runs: a broker that does not answer is the finding itself.</summary>
    /// <param name="error">What was answered.</param>
    /// <param name="doing">What was being done, as the beginning of a sentence.</param>
    /// <param name="native">The exception that brought the error, if one did.</param>
    public static JobException StartFailure(KafkaError error, string doing, Exception? native = null) => error.Fault is KafkaFault.Unreachable or KafkaFault.Retriable
        ? new(JobFailure.Unreachable, $"{doing}: {error}.", new NoAnswerException(native))
        : new(Reason(error), Sentence(error, doing), native);

    /// <summary>Whether a start's call failed because nobody answered, so that it is made again; who is turned away is turned away the next time, too.</summary>
    public static bool IsNoAnswer(JobException failure) => failure.InnerException is NoAnswerException;

    /// <summary>Whether the client knows other leaders of a partition than the brokers: not its leader, an older epoch of it, a newer one, or none.</summary>
    public static bool IsStale(KafkaError error) => error.Code is 6 or 74 or 75 or NoLeaderKnown;

    /// <summary>Whether the client could not get a token to show. What is connected stays so, and it goes on asking: only at a start is it the end.</summary>
    public static bool IsOfToken(KafkaError error) => error.Text.Contains("Failed to acquire SASL OAUTHBEARER token", StringComparison.Ordinal);

    private static string Sentence(KafkaError error, string doing) => error.Fault == KafkaFault.Authentication ? $"{doing}: {error}. {ToDo(error)}." : $"{doing}: {error}.";

    private static string ToDo(KafkaError error) => error.Code switch
    {
        // The client's text is the same for all three.
        Tls when error.Text.Contains("certificate", StringComparison.Ordinal) =>
            "Set ssl.ca.location under Kafka:Client to the PEM file of the authority that signed the brokers' certificates, and check that those have not expired and are for the host names by which they are reached",
        Tls => "Check security.protocol and ssl.* under Kafka:Client",
        29 or 30 or 31 or 53 => "Give the user of Kafka:Client the right to it",
        _ => "Check sasl.mechanism, sasl.username and sasl.password under Kafka:Client",
    };

    private static JobFailure Reason(KafkaError error) => error.Fault switch
    {
        KafkaFault.Fenced => JobFailure.Fenced,
        KafkaFault.Authentication => JobFailure.Unreachable,
        KafkaFault.UnknownTopic or KafkaFault.Refused => JobFailure.Configuration,
        KafkaFault.TooLarge => JobFailure.Permanent,
        KafkaFault.OffsetGone => JobFailure.DataLoss,
        _ => JobFailure.Transient,
    };

    /// <summary>Whether the code only says that another one, the instance's fatal error, holds the reason: a client that is fenced purges what it still has.</summary>
    public static bool HidesFatal(int code) => code is Fatal or PurgedInFlight or PurgedInQueue;
}

/// <summary>Marks the failure of a call that may be made again.</summary>
internal sealed class NoAnswerException(Exception? native) : Exception("no answer", native);
