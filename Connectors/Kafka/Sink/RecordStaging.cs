using Weir.Connectors.Kafka.Native;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>Encoded messages of one writer, gathered by partition until the client takes them.</summary>
/// <remarks>
/// Thread: one at a time. Holds: messages of a partition leave in the order they came. Its buffers are kept when they are emptied, so nothing is
/// allocated for a record after warm-up.
/// </remarks>
internal sealed unsafe class RecordStaging
{
    /// <summary>Messages in one call: beyond some hundred a call gains nothing.</summary>
    private const int CallMax = 512;

    private readonly PartitionStage[] _partitions;
    private readonly List<PartitionStage> _filled = [];
    private readonly NativeMessage[] _call = GC.AllocateArray<NativeMessage>(CallMax, pinned: true);

    public RecordStaging(int partitions)
    {
        _partitions = new PartitionStage[partitions];
        for (int i = 0; i < partitions; i++)
        {
            _partitions[i] = new PartitionStage(i);
        }
    }

    public bool IsEmpty => _filled.Count == 0;

    /// <summary>Begins a message: its key is stored; its value is to be appended to what is returned, <see cref="EndValue"/> to be called, and so with its headers and <see cref="End"/>.</summary>
    public ByteArena Begin(int partition, bool hasKey, ReadOnlySpan<byte> key)
    {
        var stage = _partitions[partition];
        if (stage.Count == 0)
        {
            _filled.Add(stage);
        }
        stage.Begin(hasKey, key);
        return stage.Bytes;
    }

    /// <summary>Ends the value of the message that was begun.</summary>
    public void EndValue(int partition, bool hasValue) => _partitions[partition].EndValue(hasValue);

    /// <summary>Ends the message that was begun.</summary>
    /// <returns>How many messages wait in this partition.</returns>
    public int End(int partition, long timestamp, out int bytes) => _partitions[partition].End(timestamp, out bytes);

    /// <summary>Gives one partition's messages to the client, as far as it takes them.</summary>
    /// <returns>Whether it took all.</returns>
    public bool HandOver(ProducerTopic topic, int partition)
    {
        var stage = _partitions[partition];
        if (stage.Count == 0)
        {
            return true;
        }
        bool all = HandOver(topic, stage);
        if (all)
        {
            _filled.Remove(stage);
        }
        return all;
    }

    /// <summary>Gives all messages to the client, as far as it takes them.</summary>
    /// <returns>Whether it took all.</returns>
    public bool HandOver(ProducerTopic topic)
    {
        for (int last = _filled.Count - 1; last >= 0; last--)
        {
            if (!HandOver(topic, _filled[last]))
            {
                return false;
            }
            _filled.RemoveAt(last);
        }
        return true;
    }

    private bool HandOver(ProducerTopic topic, PartitionStage stage)
    {
        fixed (byte* bytes = stage.Bytes.Written)
        fixed (NativeMessage* call = _call)
        {
            // A value of no bytes is not "no value": it needs an address, which it does not read.
            byte* start = bytes is null ? (byte*)call : bytes;
            while (stage.Next < stage.Count)
            {
                int count = stage.Fill(call, CallMax, start);
                int taken = stage.NextIsPlain
                    ? topic.Producer.Produce(topic, stage.Partition, call, count)
                    : topic.Producer.Produce(topic, stage.Partition, call, stage.NextHeaders, stage.NextTimestamp) ? 1 : 0;
                stage.Took(taken);
                if (taken < count)
                {
                    return false;
                }
            }
        }
        stage.Clear();
        return true;
    }

    /// <summary>The messages of one partition: key, value and headers of each, one behind the other.</summary>
    internal sealed class PartitionStage(int partition)
    {
        private const int None = -1;

        private Entry[] _entries = new Entry[16];
        private int _partStart;
        private int _nextByte;

        public int Partition { get; } = partition;

        public ByteArena Bytes { get; } = new();

        /// <summary>Messages staged, those the client took already included.</summary>
        public int Count { get; private set; }

        /// <summary>The first one that the client has not taken.</summary>
        public int Next { get; private set; }

        public void Begin(bool hasKey, ReadOnlySpan<byte> key)
        {
            if (Count == _entries.Length)
            {
                Array.Resize(ref _entries, 2 * _entries.Length);
            }
            _entries[Count].Key = hasKey ? key.Length : None;
            Bytes.Append(key);
            _partStart = Bytes.Length;
        }

        public void EndValue(bool hasValue)
        {
            _entries[Count].Value = hasValue ? Bytes.Length - _partStart : None;
            _partStart = Bytes.Length;
        }

        public int End(long timestamp, out int bytes)
        {
            ref var entry = ref _entries[Count];
            entry.Headers = Bytes.Length - _partStart;
            entry.Timestamp = timestamp;
            bytes = entry.Bytes;
            Count++;
            return Count - Next;
        }

        /// <summary>Whether the first message that the client has not taken has neither headers nor a time of its own.</summary>
        public bool NextIsPlain => _entries[Next].IsPlain;

        /// <summary>Its headers.</summary>
        public ReadOnlySpan<byte> NextHeaders => Bytes.Written.Slice(_nextByte + _entries[Next].Bytes - _entries[Next].Headers, _entries[Next].Headers);

        /// <summary>Its time.</summary>
        public long NextTimestamp => _entries[Next].Timestamp;

        /// <summary>Messages that go in one call: plain ones, or one that is not.</summary>
        public int Fill(NativeMessage* call, int max, byte* bytes)
        {
            int most = Math.Min(max, Count - Next);
            byte* at = bytes + _nextByte;
            int count = 0;
            for (bool isPlain = true; count < most && isPlain; count++)
            {
                ref var entry = ref _entries[Next + count];
                isPlain = entry.IsPlain;
                if (!isPlain && count > 0)
                {
                    break;
                }
                call[count] = default;
                if (entry.Key != None)
                {
                    call[count].Key = at;
                    call[count].KeyLength = (nuint)entry.Key;
                    at += entry.Key;
                }
                if (entry.Value != None)
                {
                    call[count].Value = at;
                    call[count].ValueLength = (nuint)entry.Value;
                    at += entry.Value;
                }
            }
            return count;
        }

        public void Took(int count)
        {
            for (int i = 0; i < count; i++)
            {
                _nextByte += _entries[Next + i].Bytes;
            }
            Next += count;
        }

        public void Clear()
        {
            Bytes.Clear();
            Count = 0;
            Next = 0;
            _nextByte = 0;
        }

        private struct Entry
        {
            public int Key;
            public int Value;
            public int Headers;
            public long Timestamp;

            public readonly int Bytes => Math.Max(Key, 0) + Math.Max(Value, 0) + Headers;

            public readonly bool IsPlain => Headers == 0 && Timestamp == RecordContext.NoTimestamp;
        }
    }
}
