using Weir.StateStore;

namespace Weir.Runtime.Partitioning;

/// <summary>Sends a record to the subtask that owns its key's group, and leaves the hash for the batch to carry.</summary>
internal sealed class KeyHashPartitioner<TKey, T> : Partitioner<T>
{
    private readonly RecordFunc<T, TKey> _keyOf;
    private readonly KeyCodec<TKey> _codec;
    private readonly RecordContext _context;
    private readonly KeyGroups _groups;
    private readonly int[] _channelOfGroup;

    public KeyHashPartitioner(RecordFunc<T, TKey> keyOf, KeyCodec<TKey> codec, int channels, int maxParallelism, RecordContext context)
    {
        _keyOf = keyOf;
        _codec = codec;
        _context = context;
        _groups = new KeyGroups(maxParallelism);
        _channelOfGroup = new int[maxParallelism];
        for (int group = 0; group < maxParallelism; group++)
        {
            _channelOfGroup[group] = _groups.SubtaskOf(group, channels);
        }
    }

    public override int Select(in T record)
    {
        var key = _keyOf(in record);
        uint hash = _codec.Hash(in key);
        _context.Hash = hash;
        return _channelOfGroup[_groups.Of(hash)];
    }
}
