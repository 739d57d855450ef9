using System.Diagnostics.CodeAnalysis;

namespace Weir.Sandbox.Groups;

/// <summary>Offsets of consumer groups. There are no members: who reads which partition is the clients' business.</summary>
/// <remarks>Thread: under the broker's lock.</remarks>
internal sealed class GroupOffsets
{
    private readonly Dictionary<string, Group> _groups = [];

    /// <summary>Groups that have committed something.</summary>
    public IEnumerable<string> Names => _groups.Keys;

    public bool Exists(string group) => _groups.ContainsKey(group);

    public bool Delete(string group) => _groups.Remove(group);

    public void Commit(string group, string topic, int partition, CommittedOffset offset) => Of(group).Committed[(topic, partition)] = offset;

    /// <summary>Keeps what a transaction commits until it ends.</summary>
    public void CommitLater(string group, long producerId, string topic, int partition, CommittedOffset offset)
    {
        var pending = Of(group).Pending;
        if (!pending.TryGetValue(producerId, out var offsets))
        {
            pending.Add(producerId, offsets = []);
        }
        offsets[(topic, partition)] = offset;
    }

    /// <summary>A transaction has ended: its offsets count, or are forgotten.</summary>
    public void End(string group, long producerId, bool isCommit)
    {
        if (!TryFind(group, out var found) || !found.Pending.Remove(producerId, out var offsets) || !isCommit)
        {
            return;
        }
        foreach (var (partition, offset) in offsets)
        {
            found.Committed[partition] = offset;
        }
    }

    /// <summary>What was committed of a partition, or null.</summary>
    public CommittedOffset? Find(string group, string topic, int partition) =>
        TryFind(group, out var found) && found.Committed.TryGetValue((topic, partition), out var offset) ? offset : null;

    /// <summary>Whether an open transaction has offsets of a partition.</summary>
    public bool IsPending(string group, string topic, int partition) =>
        TryFind(group, out var found) && found.Pending.Values.Any(offsets => offsets.ContainsKey((topic, partition)));

    /// <summary>All that a group has committed, by topic.</summary>
    public IEnumerable<IGrouping<string, int>> PartitionsOf(string group) =>
        TryFind(group, out var found) ? found.Committed.Keys.GroupBy(key => key.Topic, key => key.Partition) : [];

    private Group Of(string name)
    {
        if (!_groups.TryGetValue(name, out var group))
        {
            _groups.Add(name, group = new Group());
        }
        return group;
    }

    private bool TryFind(string name, [NotNullWhen(true)] out Group? group) => _groups.TryGetValue(name, out group);

    private sealed class Group
    {
        public Dictionary<(string Topic, int Partition), CommittedOffset> Committed { get; } = [];

        public Dictionary<long, Dictionary<(string Topic, int Partition), CommittedOffset>> Pending { get; } = [];
    }
}
