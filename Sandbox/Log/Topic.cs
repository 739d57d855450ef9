namespace Weir.Sandbox.Log;

/// <summary>A topic: its identity, which a topic made again does not share, its settings and its partitions.</summary>
internal sealed class Topic(string name, int partitions, TopicSettings settings)
{
    /// <summary>Kafka's longest topic name.</summary>
    public const int NameLengthMax = 249;

    private readonly List<PartitionLog> _partitions = [.. Enumerable.Range(0, partitions).Select(_ => new PartitionLog(settings))];

    public string Name { get; } = name;

    public Guid Id { get; } = Guid.NewGuid();

    public TopicSettings Settings { get; } = settings;

    public IReadOnlyList<PartitionLog> Partitions => _partitions;

    /// <summary>Adds partitions until there are so many.</summary>
    public void Grow(int partitions)
    {
        while (_partitions.Count < partitions)
        {
            _partitions.Add(new PartitionLog(Settings));
        }
    }

    /// <summary>Whether a topic may be called that.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= NameLengthMax && name is not ("." or "..") && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}
