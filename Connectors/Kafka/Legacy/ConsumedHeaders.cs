using System.Text;
using Confluent.Kafka;

namespace Weir.Connectors.Kafka.Legacy;

/// <summary>Headers of the message in hand, which Confluent's consumer has unpacked.</summary>
/// <remarks>Thread: the reader's. One for all its messages: <see cref="Headers"/> says whose.</remarks>
internal sealed class ConsumedHeaders : MessageHeaders
{
    public Headers? Headers { get; set; }

    public override bool TryRead(int index, out MessageHeader header)
    {
        header = default;
        if (Headers is null || index >= Headers.Count)
        {
            return false;
        }
        var read = Headers[index];
        byte[]? value = read.GetValueBytes();
        header = new MessageHeader { Name = Encoding.UTF8.GetBytes(read.Key), Value = value, HasValue = value is not null };
        return true;
    }
}
