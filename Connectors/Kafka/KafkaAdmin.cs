using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>What is asked of a cluster, or changed in it, apart from records.</summary>
/// <remarks>
/// Every failure is a <see cref="JobException"/>; a cluster that does not answer is <see cref="JobFailure.Unreachable"/>.
/// Thread: any. Who gives up waiting for an answer leaves a call behind, which asks on: the native client is destroyed when the last call has ended, and takes none once it is disposed.
/// </remarks>
internal sealed class KafkaAdmin(IAdminClient native) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AppearsEvery = TimeSpan.FromMilliseconds(20);

    private readonly Lock _using = new();
    private int _users = 1; // The owner, until it disposes this, and each call under way.
    private bool _disposed;

    /// <summary>Partitions of a topic; null where there is none of that name.</summary>
    public async Task<int?> PartitionsAsync(string topic) => (await FindAsync(topic))?.Partitions;

    /// <summary>A topic's id and partitions; null where there is none of that name.</summary>
    public async Task<FoundTopic?> FindAsync(string topic)
    {
        try
        {
            var found = await Asked($"Topic {topic} can't be looked up", () => native.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = Timeout }));
            var description = found.TopicDescriptions[0];
            return new FoundTopic(description.TopicId.ToString(), description.Partitions.Count);
        }
        catch (JobException failure) when (failure.InnerException is DescribeTopicsException { Results.TopicDescriptions: [{ Error.Code: ErrorCode.UnknownTopicOrPart }] })
        {
            return null;
        }
    }

    /// <summary>An offset of each partition, all in one call: its start, its end, or the first at or after a time (the end where there is none).</summary>
    public Task<Dictionary<int, long>> OffsetsAsync(string topic, IEnumerable<int> partitions, OffsetSpec which) =>
        OffsetsAsync(topic, partitions.Select(partition => (partition, which)));

    /// <summary>The same, of each partition what is asked of it.</summary>
    public Task<Dictionary<int, long>> OffsetsAsync(string topic, IEnumerable<(int Partition, OffsetSpec Which)> places) =>
        OffsetsAsync(topic, places, IsolationLevel.ReadUncommitted);

    /// <summary>Where each partition ends for those who read only what is committed: at its first open transaction.</summary>
    public Task<Dictionary<int, long>> StableEndsAsync(string topic, IEnumerable<int> partitions) =>
        OffsetsAsync(topic, partitions.Select(partition => (partition, OffsetSpec.Latest())), IsolationLevel.ReadCommitted);

    private async Task<Dictionary<int, long>> OffsetsAsync(string topic, IEnumerable<(int Partition, OffsetSpec Which)> places, IsolationLevel isolation)
    {
        var asked = places.Select(place => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, place.Partition), OffsetSpec = place.Which }).ToList();
        var options = new ListOffsetsOptions { RequestTimeout = Timeout, IsolationLevel = isolation };
        var answer = await Asked($"Offsets of topic {topic} can't be listed", async () =>
        {
            try
            {
                return await native.ListOffsetsAsync(asked, options).ConfigureAwait(false);
            }
            catch (KafkaException stale) when (KafkaFaults.IsStale(Inner(stale)))
            {
                // The client would ask for the leaders by itself minutes later, and give the same answer until then. The call blocks.
                await Task.Factory.StartNew(() => native.GetMetadata(topic, Timeout), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
                return await native.ListOffsetsAsync(asked, options).ConfigureAwait(false);
            }
        });
        return answer.ResultInfos.ToDictionary(info => info.TopicPartitionOffsetError.Partition.Value, info => info.TopicPartitionOffsetError.Offset.Value);
    }

    /// <summary>The start and the end of each partition, asked side by side.</summary>
    public async Task<(Dictionary<int, long> Starts, Dictionary<int, long> Ends)> BoundsAsync(string topic, IReadOnlyCollection<int> partitions)
    {
        var bounds = await Task.WhenAll(OffsetsAsync(topic, partitions, OffsetSpec.Earliest()), OffsetsAsync(topic, partitions, OffsetSpec.Latest())).ConfigureAwait(false);
        return (bounds[0], bounds[1]);
    }

    /// <summary>What a group has committed, for all topics. Only where the client is that of a member: <see cref="KafkaClients.GroupOffsetsAsync"/>.</summary>
    public async Task<List<TopicOffset>> GroupOffsetsAsync(string group)
    {
        var options = new ListConsumerGroupOffsetsOptions { RequestTimeout = Timeout };
        var answer = await Asked($"Offsets of group {group} can't be listed", () => native.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, null)], options));
        return [.. from place in answer[0].Partitions where place.Offset.Value >= 0 select new TopicOffset(place.Topic, place.Partition.Value, place.Offset.Value)];
    }

    public async Task<int> BrokersAsync() => (await ClusterAsync()).Nodes.Count;

    /// <summary>Makes a topic and waits until the brokers show it.</summary>
    /// <returns>Its partitions.</returns>
    public async Task<int> CreateAsync(string topic, int partitions, short replicas, Dictionary<string, string> settings)
    {
        await TryCreateAsync(topic, partitions, replicas, settings);
        for (long began = Environment.TickCount64; Environment.TickCount64 - began < Timeout.TotalMilliseconds; await Task.Delay(AppearsEvery).ConfigureAwait(false))
        {
            if (await PartitionsAsync(topic) is { } shown)
            {
                return shown;
            }
        }
        throw new JobException(JobFailure.Unreachable, $"Topic {topic} was made, but the brokers do not show it after {Timeout.TotalSeconds:F0} s.");
    }

    /// <summary>A topic's settings.</summary>
    public Task<Dictionary<string, string>> SettingsAsync(string topic) => SettingsAsync(ResourceType.Topic, topic, $"Settings of topic {topic} can't be read");

    /// <summary>The settings of one of the brokers.</summary>
    public async Task<Dictionary<string, string>> BrokerSettingsAsync()
    {
        var cluster = await ClusterAsync();
        return await SettingsAsync(ResourceType.Broker, cluster.Nodes[0].Id.ToString(CultureInfo.InvariantCulture), "The brokers' settings can't be read");
    }

    /// <summary>Replicas of a topic's first partition.</summary>
    public async Task<int> ReplicasAsync(string topic)
    {
        var found = await Asked($"Topic {topic} can't be looked up", () => native.DescribeTopicsAsync(
            TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = Timeout }));
        return found.TopicDescriptions[0].Partitions[0].Replicas.Count;
    }

    public void Dispose()
    {
        lock (_using)
        {
            if (_disposed)
            {
                return;
            }
            _disposed = true;
        }
        EndUse();
    }

    private Task<DescribeClusterResult> ClusterAsync() =>
        Asked("The cluster can't be described", () => native.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = Timeout }));

    private async Task<Dictionary<string, string>> SettingsAsync(ResourceType type, string name, string doing)
    {
        var resource = new ConfigResource { Type = type, Name = name };
        var answer = await Asked(doing, () => native.DescribeConfigsAsync([resource], new DescribeConfigsOptions { RequestTimeout = Timeout }));
        return answer[0].Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Value ?? "");
    }

    private async Task TryCreateAsync(string topic, int partitions, short replicas, Dictionary<string, string> settings)
    {
        var wanted = new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = replicas, Configs = settings };
        try
        {
            await Asked($"Topic {topic} can't be made", async () =>
            {
                await native.CreateTopicsAsync([wanted], new CreateTopicsOptions { RequestTimeout = Timeout, OperationTimeout = Timeout });
                return true;
            });
        }
        catch (JobException failure) when (failure.InnerException is CreateTopicsException { Results: [{ Error.Code: ErrorCode.TopicAlreadyExists }] })
        {
            // Somebody else made it meanwhile; whoever asks checks it.
        }
    }

    private async Task<T> Asked<T>(string doing, Func<Task<T>> call)
    {
        lock (_using)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _users++;
        }
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (KafkaException failure)
        {
            throw KafkaFaults.StartFailure(Inner(failure), doing, failure);
        }
        finally
        {
            EndUse();
        }
    }

    private void EndUse()
    {
        bool isLast;
        lock (_using)
        {
            isLast = --_users == 0;
        }
        if (isLast)
        {
            native.Dispose();
        }
    }

    /// <summary>The first error of those that a call about several things answers with.</summary>
    private static KafkaError Inner(KafkaException failure)
    {
        var error = failure switch
        {
            DescribeTopicsException topics => topics.Results.TopicDescriptions.Select(result => result.Error).FirstOrDefault(error => error.IsError),
            CreateTopicsException topics => topics.Results.Select(result => result.Error).FirstOrDefault(error => error.IsError),
            ListOffsetsException offsets => offsets.Result.ResultInfos.Select(info => info.TopicPartitionOffsetError.Error).FirstOrDefault(error => error.IsError),
            ListConsumerGroupOffsetsException groups => groups.Results.Select(result => result.Error).FirstOrDefault(error => error.IsError),
            DescribeConfigsException configs => configs.Results.Select(result => result.Error).FirstOrDefault(error => error.IsError),
            _ => null,
        };
        error ??= failure.Error;
        return new KafkaError((int)error.Code, error.Reason);
    }
}

/// <summary>A topic as the brokers describe it.</summary>
/// <param name="Id">Never given to another topic, not even to one of the same name.</param>
/// <param name="Partitions">How many.</param>
internal sealed record FoundTopic(string Id, int Partitions);
