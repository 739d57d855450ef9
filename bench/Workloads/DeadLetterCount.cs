using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace Weir.Bench;

/// <summary>Reads a topic of dead letters to its end, as a consumer of committed records does.</summary>
internal static class DeadLetterCount
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Prints how many letters there are, and of how many places: as many, where none is there twice. Blocks.</summary>
    public static void Print(string bootstrap, string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        var partitions = admin.GetMetadata(topic, s_patience).Topics[0].Partitions;
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "dead-letters",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        var places = new HashSet<string>();
        long letters = 0;
        for (int open = partitions.Count; open > 0;)
        {
            var read = consumer.Consume(s_patience) ?? throw new TimeoutException($"Topic {topic} is not served.");
            if (read.IsPartitionEOF)
            {
                open--;
                continue;
            }
            letters++;
            places.Add($"{Text(read, "topic")}-{Text(read, "partition")}@{Text(read, "offset")}");
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"event\":\"letters\",\"records\":{letters},\"distinct\":{places.Count}}}"));
    }

    private static string Text(ConsumeResult<Ignore, Ignore> read, string field) => Encoding.UTF8.GetString(read.Message.Headers.GetLastBytes($"weir.dead-letter.{field}"));
}
