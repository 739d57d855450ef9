using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Weir.Connectors.Kafka.Native;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>One instance of the native client: made from settings, its lines sent to the log, destroyed once.</summary>
/// <remarks>Whoever holds it destroys topics, queues and messages first: the client waits for them.</remarks>
internal sealed unsafe class KafkaHandle : IDisposable
{
    /// <summary>What is wrong with a setting that is not taken, behind its name.</summary>
    public const string NotTaken = "is unknown to librdkafka, or its value is not one it takes";

    private readonly ILogger _logger;
    private readonly Action<KafkaError>? _heard;
    private readonly GCHandle _self;

    /// <param name="type"><see cref="NativeConstant.Producer"/> or <see cref="NativeConstant.Consumer"/>.</param>
    /// <param name="settings">All of them; a value is named in no error.</param>
    /// <param name="events">What the main queue gets as events.</param>
    /// <param name="logger">Where its lines go.</param>
    /// <param name="heard">Told what it says of its brokers, on the thread that takes from its queue; null where errors come as events.</param>
    public KafkaHandle(int type, IReadOnlyDictionary<string, string> settings, int events, ILogger logger, Action<KafkaError>? heard = null)
    {
        LibrdkafkaLibrary.Load();
        _logger = logger;
        _heard = heard;
        Id = settings.GetValueOrDefault("client.id") ?? "";
        nint conf = Librdkafka.rd_kafka_conf_new();
        byte* errorText = stackalloc byte[NativeConstant.ErrorTextBytes];
        foreach (var (key, value) in settings)
        {
            if (!Set(conf, key, value, errorText))
            {
                Librdkafka.rd_kafka_conf_destroy(conf);
                throw new JobException(JobFailure.Configuration, $"Kafka client setting {key} {NotTaken}.");
            }
        }
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        Librdkafka.rd_kafka_conf_set_opaque(conf, GCHandle.ToIntPtr(_self));
        Librdkafka.rd_kafka_conf_set_log_cb(conf, &OnLine);
        if (events != 0)
        {
            Librdkafka.rd_kafka_conf_set_events(conf, events);
        }
        if (heard is not null)
        {
            Librdkafka.rd_kafka_conf_set_error_cb(conf, &OnError);
        }
        Client = Librdkafka.rd_kafka_new(type, conf, errorText, NativeConstant.ErrorTextBytes);
        if (Client == 0)
        {
            Librdkafka.rd_kafka_conf_destroy(conf);      // after success the client owns it
            _self.Free();
            throw new JobException(JobFailure.Configuration, $"Kafka client {Id} can't be made: {Marshal.PtrToStringUTF8((nint)errorText)}.");
        }
    }

    /// <summary>Its client.id.</summary>
    public string Id { get; }

    /// <summary><c>rd_kafka_t*</c>.</summary>
    public nint Client { get; }

    /// <summary>Asks the brokers for metadata, which connects the client at once instead of at its next timer.</summary>
    /// <param name="topic">An <c>rd_kafka_topic_t*</c>, or 0 to only connect.</param>
    /// <param name="timeoutMs">How long.</param>
    /// <param name="partitions">Partitions of the topic.</param>
    public KafkaError AskMetadata(nint topic, int timeoutMs, out int partitions)
    {
        NativeMetadata* metadata;
        partitions = 0;
        int code = Librdkafka.rd_kafka_metadata(Client, 0, topic, &metadata, timeoutMs);
        if (code != 0)
        {
            return KafkaError.Of(code);
        }
        if (topic != 0 && metadata->TopicCount == 1)
        {
            code = metadata->Topics[0].Error;
            partitions = metadata->Topics[0].PartitionCount;
        }
        Librdkafka.rd_kafka_metadata_destroy(metadata);
        return KafkaError.Of(code);
    }

    /// <summary>The reason of the instance's fatal error, where there is one.</summary>
    public KafkaError FatalError()
    {
        byte* text = stackalloc byte[NativeConstant.ErrorTextBytes];
        int code = Librdkafka.rd_kafka_fatal_error(Client, text, NativeConstant.ErrorTextBytes);
        return code == 0 ? default : new KafkaError(code, Marshal.PtrToStringUTF8((nint)text) ?? "", IsFatal: true);
    }

    public void Dispose()
    {
        Librdkafka.rd_kafka_destroy_flags(Client, NativeConstant.DestroyWithoutClose);
        _self.Free();
    }

    /// <summary>Whether the client takes a setting; makes no client.</summary>
    public static bool Takes(string key, string value)
    {
        LibrdkafkaLibrary.Load();
        nint conf = Librdkafka.rd_kafka_conf_new();
        byte* errorText = stackalloc byte[NativeConstant.ErrorTextBytes];
        bool taken = Set(conf, key, value, errorText);
        Librdkafka.rd_kafka_conf_destroy(conf);
        return taken;
    }

    // The library's text is not shown: it may repeat the value, which may be a secret.
    private static bool Set(nint conf, string key, string value, byte* errorText)
    {
        fixed (byte* name = Zeroed(key), content = Zeroed(value))
        {
            return Librdkafka.rd_kafka_conf_set(conf, name, content, errorText, NativeConstant.ErrorTextBytes) == NativeConstant.ConfOk;
        }
    }

    /// <summary>A string as C wants it.</summary>
    public static byte[] Zeroed(string text) => Encoding.UTF8.GetBytes(text + '\0');

    // On one of the client's own threads: it only hands the line on.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLine(nint client, int level, byte* facility, byte* text)
    {
        nint opaque = Librdkafka.rd_kafka_opaque(client);
        if (opaque != 0 && GCHandle.FromIntPtr(opaque).Target is KafkaHandle handle)
        {
            var line = (handle._logger, level, Facility: Marshal.PtrToStringUTF8((nint)facility) ?? "", Text: Marshal.PtrToStringUTF8((nint)text) ?? "");
            ThreadPool.UnsafeQueueUserWorkItem(static line => Write(line._logger, line.level, line.Facility, line.Text), line, preferLocal: false);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnError(nint client, int code, byte* reason, nint opaque)
    {
        if (GCHandle.FromIntPtr(opaque).Target is KafkaHandle handle)
        {
            handle._heard!(new KafkaError(code, Marshal.PtrToStringUTF8((nint)reason) ?? ""));
        }
    }

    // Lines up to "critical" (2) are alarms; errors of single connections are the client's daily business, and Weir says itself when no broker answers.
    private static void Write(ILogger logger, int level, string facility, string text)
    {
        if (level <= 2)
        {
            logger.ClientAlarm(facility, text);
        }
        else
        {
            logger.ClientLine(facility, text);
        }
    }
}
