using System.Runtime.InteropServices;
using Weir.Connectors.Kafka.Native;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>Headers of the message in hand, read from the client's own memory.</summary>
/// <remarks>Thread: the reader's. One for all its messages: <see cref="Message"/> says which.</remarks>
internal sealed unsafe class NativeHeaders : MessageHeaders
{
    public NativeMessage* Message { get; set; }

    public override bool TryRead(int index, out MessageHeader header)
    {
        header = default;
        nint headers;
        byte* name;
        byte* value;
        nuint length;
        // The client unpacks them once a message, when it is first asked.
        if (Librdkafka.rd_kafka_message_headers(Message, &headers) != 0 || Librdkafka.rd_kafka_header_get_all(headers, (nuint)index, &name, &value, &length) != 0)
        {
            return false;
        }
        header = new MessageHeader
        {
            Name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name),
            Value = new ReadOnlySpan<byte>(value, (int)length),
            HasValue = value is not null,
        };
        return true;
    }
}
