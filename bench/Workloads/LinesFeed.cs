using Confluent.Kafka;

namespace Weir.Bench;

/// <summary>Fills a topic with lines of text for the word count.</summary>
internal static class LinesFeed
{
    private const int WordsPerLine = 8;
    private const int Vocabulary = 100_000;
    private const int Seed = 1;

    /// <summary>Writes lines of eight words each, some of a hundred thousand, evenly to all partitions. Blocks.</summary>
    public static void Write(string bootstrap, string topic, long lines)
    {
        var chance = new Random(Seed);
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig
        {
            BootstrapServers = bootstrap,
            LingerMs = 20,
            CompressionType = CompressionType.Lz4,
            EnableDeliveryReports = false,
        }).Build();
        for (long line = 0; line < lines; line++)
        {
            var message = new Message<Null, string> { Value = string.Join(' ', Enumerable.Range(0, WordsPerLine).Select(_ => $"word{chance.Next(Vocabulary)}")) };
            while (true)
            {
                try
                {
                    producer.Produce(topic, message);
                    break;
                }
                catch (ProduceException<Null, string> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(10));
                }
            }
        }
        producer.Flush(TimeSpan.FromMinutes(1));
    }
}
