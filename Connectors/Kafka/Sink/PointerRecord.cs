using System.Text;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>A pointer as a message of the commits topic: the key is job and slot, the value the pointer's own sealed JSON.</summary>
internal static class PointerRecord
{
    public static byte[] Key(string job, int slot) => Encoding.UTF8.GetBytes($"{job}/{slot}");

    /// <exception cref="JobException">The bytes are no pointer: somebody else writes to the topic, or a newer Weir.</exception>
    public static CheckpointPointer Decode(ReadOnlySpan<byte> value, string place)
    {
        try
        {
            return CheckpointPointer.Parse(value, place);
        }
        catch (CheckpointStorageException failure)
        {
            throw new JobException(JobFailure.Configuration, $"The commit at {place} can't be read: {failure.Message}", failure);
        }
    }
}
