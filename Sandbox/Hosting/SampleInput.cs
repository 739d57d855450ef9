using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weir.Connectors.Kafka;
using Weir.Hosting;
using Weir.Runtime;

namespace Weir.Sandbox.Hosting;

/// <summary>Makes the topics of the set-up before the jobs start, and writes its input at its pace, as long as the jobs keep up.</summary>
internal sealed class SampleInput(SandboxSetup setup, JobHostedService jobs, ProgramEnd end, IOptions<WeirOptions> options, ILogger<SampleInput> logger)
    : BackgroundService, IHostedLifecycleService
{
    private const string ClientId = "weir-sample-input";
    private const int BacklogSeconds = 10;
    private const long BacklogBytesMax = 32L << 20;

    // Half of it is read in time: see BacklogBytesMax.
    private const string RetentionBytes = "67108864";

    private bool IsOn => options.Value.Sandbox.Feed == true && end.ExitCode == ExitCode.Success;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!IsOn)
        {
            return;
        }
        try
        {
            var wanted = setup.Feeds.Select(feed => (feed.Topic, feed.Partitions)).Concat(setup.Samples.Select(sample => (sample.Topic, SandboxSetup.DefaultPartitions)));
            await SampleTopics.CreateAsync(options.Value.Kafka, wanted, new() { ["retention.bytes"] = RetentionBytes }).ConfigureAwait(false);
        }
        catch (JobException failure)
        {
            end.Fail(ExitCode.Of(failure.Reason), $"The topics of the sample input can't be made: {failure.Message}", failure.InnerException);
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        IsOn ? Task.WhenAll(setup.Feeds.Select(feed => Task.Run(() => WriteAsync(feed, stoppingToken), CancellationToken.None))) : Task.CompletedTask;

    private async Task WriteAsync(TopicFeed feed, CancellationToken stop)
    {
        using var writer = new FeedWriter(feed, KafkaSettings.Admin(options.Value.Kafka, ClientId));
        logger.Feeds(feed.PerSecond, feed.Topic);
        try
        {
            await writer.RunAsync(() => Room(feed, writer), stop).ConfigureAwait(false);
        }
        catch (KafkaException failure)
        {
            logger.FeedEnded(feed.Topic, failure.Error.Reason);
        }
    }

    /// <summary>How many records may be written now, so that none is dropped by retention before it is read.</summary>
    private double Room(TopicFeed feed, FeedWriter writer)
    {
        long unread = jobs.Runs.Where(run => run.Reads(feed.Topic)).Select(run => writer.Records - run.Status.RecordsIn).DefaultIfEmpty(0).Max();
        double room = Math.Min(feed.PerSecond * BacklogSeconds, BacklogBytesMax / Math.Max(1.0, writer.BytesEach)) - unread;
        return Math.Max(0, room);
    }
}
