using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weir.Connectors.Kafka;
using Weir.Hosting;

namespace Weir.Sandbox.Hosting;

/// <summary>Looks at one committed record of each shown topic from time to time, and says it in the progress lines.</summary>
internal sealed class OutputSample(SandboxSetup setup, IOptions<WeirOptions> options, ILogger<OutputSample> logger) : BackgroundService, IProgressDetail
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_askMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_readMax = TimeSpan.FromMilliseconds(500);

    // A transaction's marker takes a place, too; of this many one is a record.
    private const int LookBack = 16;

    private readonly Dictionary<string, string> _newest = new(StringComparer.Ordinal);

    public string? Of(JobRun run)
    {
        lock (_newest)
        {
            var shown = setup.Samples.Where(sample => run.Writes(sample.Topic)).Select(sample => _newest.GetValueOrDefault(sample.Topic)).OfType<string>();
            return string.Join("; ", shown) is { Length: > 0 } text ? text : null;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Value.Sandbox.Feed == true && setup.Samples.Count > 0
        ? Task.Factory.StartNew(() => Look(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        : Task.CompletedTask;

    private void Look(CancellationToken stop)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(KafkaSettings.PointerReader(options.Value.Kafka, "weir-sample-output", "weir-sample-output")).Build();
        for (int round = 0; !stop.WaitHandle.WaitOne(s_period); round++)
        {
            foreach (var sample in setup.Samples)
            {
                try
                {
                    if (Newest(consumer, new TopicPartition(sample.Topic, round % SandboxSetup.DefaultPartitions)) is { } message)
                    {
                        lock (_newest)
                        {
                            _newest[sample.Topic] = sample.Describe(message);
                        }
                    }
                }
                catch (Exception failure) when (failure is KafkaException or CodecException)
                {
                    logger.NothingToShow(sample.Topic, failure.Message);
                }
            }
        }
    }

    private static ConsumeResult<byte[]?, byte[]?>? Newest(IConsumer<byte[]?, byte[]?> consumer, TopicPartition place)
    {
        var bounds = consumer.QueryWatermarkOffsets(place, s_askMax);
        consumer.Assign(new TopicPartitionOffset(place, Math.Max(bounds.Low.Value, bounds.High.Value - LookBack)));
        ConsumeResult<byte[]?, byte[]?>? newest = null;
        while (consumer.Consume(s_readMax) is { IsPartitionEOF: false } message)
        {
            newest = message;
            if (message.Offset >= bounds.High - 1)
            {
                break;
            }
        }
        consumer.Unassign();
        return newest;
    }
}
