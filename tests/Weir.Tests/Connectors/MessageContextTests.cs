using System.Text;
using Confluent.Kafka;
using Weir.Connectors.Kafka;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>All that a message has beside key and value, into a job and out of it.</summary>
public abstract class MessageContextTests(TestBroker broker)
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    /// <summary>However old its records are.</summary>
    private static readonly (string Key, string Value) Kept = ("retention.ms", "-1");

    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task Headers_times_and_tombstones_come_in_and_go_out(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1, Kept), await kafka.TopicAsync(1, Kept));
        kafka.Send(input, null, "plain"u8.ToArray(), Noon);
        kafka.Send(input, null, "v"u8.ToArray(), Noon, ("a", "1"u8.ToArray()), ("b", null), ("a", "2"u8.ToArray()), ("c", []));
        kafka.Send(input, "k"u8.ToArray(), null, Noon, ("why", "gone"u8.ToArray()));
        kafka.Send(input, [], [], Noon);
        using var job = new JobScript(kafka, input, output) { Job = new EnvelopesJob(), Source = new KafkaSourceOptions { Reader = reader, End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        var written = kafka.Messages(output);
        string[] read =
        [
            $"{input}-0@0 CreateTime epoch key - value plain headers",
            $"{input}-0@1 CreateTime epoch key - value v headers a=1 b=- a=2 c= (last a 2)",
            $"{input}-0@2 CreateTime epoch key k value - headers why=gone",
            $"{input}-0@3 CreateTime epoch key  value  headers",
        ];
        Assert.Equal(read, written.Select(message => Text(message.Message.Headers.GetLastBytes("read"))));
        Assert.All(written, message => Assert.Equal(Noon.ToUnixTimeMilliseconds(), message.Message.Timestamp.UnixTimestampMs));
        Assert.All(written, message => Assert.Equal(["read", "twice", "null", "empty", "twice"], message.Message.Headers.Select(header => header.Key)));
        Assert.All(written, message => Assert.Null(message.Message.Headers[2].GetValueBytes()));
        Assert.All(written, message => Assert.Equal([], message.Message.Headers[3].GetValueBytes()));
        Assert.All(written, message => Assert.Equal(["first", "second"], [Text(message.Message.Headers[1].GetValueBytes()), Text(message.Message.Headers[4].GetValueBytes())]));
        Assert.Equal(["plain", "v", null, ""], written.Select(message => message.Message.Value is { } value ? Text(value) : null));
    }

    [Theory, InlineData(SourceReader.Split), InlineData(SourceReader.Legacy)]
    public async Task A_time_that_the_broker_gave_says_so(SourceReader reader)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1, ("message.timestamp.type", "LogAppendTime")), await kafka.TopicAsync(1));
        kafka.Send(input, null, [], Noon);
        using var job = new JobScript(kafka, input, output) { Job = new TimesJob(), Source = new KafkaSourceOptions { Reader = reader, End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        Assert.Equal(["LogAppendTime, later"], kafka.Committed(output, 0));
    }

    [Fact]
    public async Task Messages_with_and_without_headers_of_a_partition_stay_in_order()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        string[] numbers = [.. Enumerable.Range(0, 5000).Select(number => $"n{number}")];
        kafka.Produce(input, 0, numbers);
        using var job = new JobScript(kafka, input, output) { Job = new SomeHeadersJob(), Source = new KafkaSourceOptions { End = SourceEnd.Current } };
        Assert.Equal(JobOutcome.Finished, await job.RunAsync());
        var written = kafka.Messages(output);
        Assert.Equal(numbers, written.Select(message => Text(message.Message.Value)));
        Assert.All(written, message => Assert.Equal(Text(message.Message.Value).EndsWith('7') ? 1 : 0, message.Message.Headers?.Count ?? 0));
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private sealed class EnvelopesJob : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("in", new Envelopes()).ToKafka("out", new Envelopes());
    }

    private sealed class TimesJob : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("in", new Times()).ToKafka("out", Codec.Utf8);
    }

    private sealed class Times : MessageCodec<string>
    {
        public override Codec<string> Records => Codec.Utf8;

        public override string Decode(in Message message) => $"{message.TimestampType}, {(message.Timestamp > Noon.ToUnixTimeMilliseconds() ? "later" : "earlier")}";

        public override bool EncodeValue(in string record, ReadOnlySpan<byte> bytes, ByteArena output) => throw new NotSupportedException();
    }

    private sealed class SomeHeadersJob : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("in", Codec.Utf8).ToKafka("out", new SomeHeaders());
    }

    /// <summary>A message as text; and a message that has the text as a header, and the same value.</summary>
    private sealed class Envelopes : MessageCodec<string>
    {
        public override Codec<string> Records => Codec.Utf8;

        public override string Decode(in Message message)
        {
            var text = new StringBuilder($"{message.Topic}-{message.Partition}@{message.Offset} {message.TimestampType} {(message.LeaderEpoch is >= 0 ? "epoch" : "none")}");
            text.Append(" key ").Append(Shown(message.Key, message.HasKey)).Append(" value ").Append(Shown(message.Value, message.HasValue)).Append(" headers");
            foreach (var header in message.Headers)
            {
                text.Append(' ').Append(header.ToString()).Append('=').Append(Shown(header.Value, header.HasValue));
            }
            if (message.Headers.TryGetLast("a"u8, out var last))
            {
                text.Append(" (last a ").Append(Shown(last.Value, last.HasValue)).Append(')');
            }
            Assert.Equal(Noon.ToUnixTimeMilliseconds(), message.Timestamp);
            Assert.False(message.Headers.TryGetLast("no such"u8, out _));
            return text.ToString();
        }

        public override bool EncodeValue(in string record, ReadOnlySpan<byte> bytes, ByteArena output)
        {
            string value = record[(record.IndexOf(" value ", StringComparison.Ordinal) + 7)..record.IndexOf(" headers", StringComparison.Ordinal)];
            if (value == "-")
            {
                return false;
            }
            output.Append(Encoding.UTF8.GetBytes(value));
            return true;
        }

        public override void EncodeHeaders(in string record, ReadOnlySpan<byte> bytes, HeaderOutput headers)
        {
            headers.Add("read"u8, Encoding.UTF8.GetBytes(record));
            headers.Add("twice"u8, "first"u8);
            headers.AddNull("null"u8);
            headers.Add("empty"u8, []);
            headers.Add("twice"u8, "second"u8);
        }

        public override long TimestampOf(in string record, long timestamp) => timestamp;

        private static string Shown(ReadOnlySpan<byte> bytes, bool exists) => exists ? Encoding.UTF8.GetString(bytes) : "-";
    }

    private sealed class SomeHeaders : MessageCodec<string>
    {
        public override Codec<string> Records => Codec.Utf8;

        public override string Decode(in Message message) => throw new NotSupportedException();

        public override bool EncodeValue(in string record, ReadOnlySpan<byte> bytes, ByteArena output)
        {
            output.Append(Encoding.UTF8.GetBytes(record));
            return true;
        }

        public override void EncodeHeaders(in string record, ReadOnlySpan<byte> bytes, HeaderOutput headers)
        {
            if (record.EndsWith('7'))
            {
                headers.Add("seven"u8, []);
            }
        }
    }
}

public sealed class MessageContextTestsOnSandbox(SandboxBroker broker) : MessageContextTests(broker);

public sealed class MessageContextTestsOnKafka(RealBroker broker) : MessageContextTests(broker);
