using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Log;

/// <summary>The topics of the broker. Thread: under its lock.</summary>
internal sealed class TopicTable
{
    // A bound against typing errors: each partition costs memory at once.
    private const int PartitionsMax = 10_000;

    private readonly SortedDictionary<string, Topic> _topics = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Topic> All => _topics.Values;

    public Topic? Find(string name) => _topics.GetValueOrDefault(name);

    public Topic? Find(Guid id) => _topics.Values.FirstOrDefault(topic => topic.Id == id);

    public PartitionLog? Find(string name, int partition) => Find(name) is { } topic && (uint)partition < topic.Partitions.Count ? topic.Partitions[partition] : null;

    /// <summary>Makes a topic.</summary>
    public ErrorCode Create(string name, int partitions, TopicSettings settings, out Topic? created)
    {
        created = null;
        var fault = !Topic.IsName(name) ? ErrorCode.InvalidTopic
            : _topics.ContainsKey(name) ? ErrorCode.TopicAlreadyExists
            : partitions is < 1 or > PartitionsMax ? ErrorCode.InvalidPartitions
            : ErrorCode.None;
        if (fault == ErrorCode.None)
        {
            _topics.Add(name, created = new Topic(name, partitions, settings));
        }
        return fault;
    }

    /// <summary>Gives a topic more partitions.</summary>
    public ErrorCode Grow(string name, int partitions, bool isCheckOnly)
    {
        if (Find(name) is not { } topic)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }
        if (partitions <= topic.Partitions.Count || partitions > PartitionsMax)
        {
            return ErrorCode.InvalidPartitions;
        }
        if (!isCheckOnly)
        {
            topic.Grow(partitions);
        }
        return ErrorCode.None;
    }

    public ErrorCode Delete(string name)
    {
        if (!_topics.Remove(name, out var topic))
        {
            return ErrorCode.UnknownTopicOrPartition;
        }
        foreach (var partition in topic.Partitions)
        {
            partition.Wake();
        }
        return ErrorCode.None;
    }
}
