using System.Runtime.InteropServices;
using Weir.Connectors.Kafka.Native;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Tells which of a reader's topics a message lies in, by the handle that it carries; a name is read once a handle.</summary>
/// <remarks>Thread: the reader's. Handles live as long as the client reads their topics, so one never comes to stand for another topic.</remarks>
internal sealed unsafe class TopicHandles(PartitionCursors cursors)
{
    private readonly List<(nint Handle, int Index)> _known = [];
    private nint _lastHandle;
    private int _lastIndex;

    /// <summary>The topic's place in <see cref="PartitionCursors.Topics"/>.</summary>
    public int IndexOf(nint handle)
    {
        if (handle != _lastHandle)
        {
            _lastIndex = Find(handle);
            _lastHandle = handle;
        }
        return _lastIndex;
    }

    private int Find(nint handle)
    {
        foreach (var (known, index) in _known)
        {
            if (known == handle)
            {
                return index;
            }
        }
        int found = cursors.TopicIndex(Marshal.PtrToStringUTF8((nint)Librdkafka.rd_kafka_topic_name(handle))!);
        _known.Add((handle, found));
        return found;
    }
}
