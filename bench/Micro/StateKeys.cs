using Weir.StateStore;

namespace Weir.Bench.Micro;

/// <summary>A key with its hash, as a batch of a keyed edge has them.</summary>
internal readonly record struct HashedKey(long Key, uint Hash);

/// <summary>Makes a subtask's state, and keys for it.</summary>
internal static class StateKeys
{
    /// <summary>How far ahead keys are prefetched where they are.</summary>
    public const int Ahead = 32;

    /// <summary>The state of all keys.</summary>
    public static KeyedState Open() => new(
        new CodecRegistry(), KeyCodec.Int64.Id, KeyCodec.Int64.FixedLength, new KeyGroups(), new KeyGroupRange(0, KeyGroups.MaxParallelismDefault - 1));

    /// <summary>Each key once, in an order by chance.</summary>
    public static HashedKey[] Each(int keys)
    {
        var each = new HashedKey[keys];
        for (int key = 0; key < keys; key++)
        {
            each[key] = Hashed(key);
        }
        new Random(1).Shuffle(each);
        return each;
    }

    /// <summary>Keys by chance.</summary>
    public static HashedKey[] Some(int count, int keys)
    {
        var chance = new Random(2);
        var some = new HashedKey[count];
        for (int i = 0; i < count; i++)
        {
            some[i] = Hashed(chance.Next(keys));
        }
        return some;
    }

    private static HashedKey Hashed(long key) => new(key, KeyCodec.Int64.Hash(in key));
}
