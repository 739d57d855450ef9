using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Connectors.Kafka;
using Weir.Connectors.Kafka.Native;
using Weir.Connectors.Kafka.Sink;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

public abstract class SlotTransactionsTests(TestBroker broker)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_that_is_refused_leaves_no_transaction_open_before_other_readers()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1, ("max.message.bytes", "10000"));
        var clients = kafka.Clients();
        var writer = new Writer(topic);
        using (var slot = new SlotTransactions(clients, TransactionBudget.Of(kafka.Context(), clients.Options), topic, static _ => { }))
        {
            slot.Connect(Now);
            slot.Take(Now);
            slot.Add(topic);
            slot.Add(writer);
            slot.Begin(Now);
            var ending = writer.Target!;
            Produce(ending, "one");
            slot.Switch(Now);
            // The broker's refusal comes while the commit flushes.
            Produce(ending, Convert.ToHexString(Random(50_000)));
            Assert.Throws<JobException>(() => slot.Commit(1, Now));
        }
        kafka.Produce(topic, 0, ["after"]);
        // The transaction's own timeout is longer than this.
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (kafka.Committed(topic, 0).Count == 0)
        {
            Assert.True(patience.Elapsed < KafkaScript.Hang, "the reader still waits for an open transaction");
        }
        Assert.Equal(["after"], kafka.Committed(topic, 0));
    }

    private static byte[] Random(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static unsafe void Produce(ProducerTopic topic, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        fixed (byte* start = bytes)
        {
            var message = new NativeMessage { Value = start, ValueLength = (nuint)bytes.Length };
            Assert.Equal(1, topic.Producer.Produce(topic, 0, &message, 1));
        }
    }

    private sealed class Writer(string topic) : IHeldWriter
    {
        public string Topic => topic;

        public ProducerTopic? Target { get; private set; }

        public bool HandOverBeforeSwitch() => true;

        public bool Release(ProducerTopic target)
        {
            Target = target;
            return true;
        }
    }
}

public sealed class SlotTransactionsTestsOnSandbox(SandboxBroker broker) : SlotTransactionsTests(broker);

public sealed class SlotTransactionsTestsOnKafka(RealBroker broker) : SlotTransactionsTests(broker);
