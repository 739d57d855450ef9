namespace Weir.Runtime.Partitioning;

/// <summary>Asks a rule of the user's.</summary>
internal sealed class CustomPartitioner<T>(string operatorId, PartitionChoice<T> choice, int channels) : Partitioner<T>
{
    public override int Select(in T record)
    {
        int selected = choice(in record, channels);
        return (uint)selected < (uint)channels ? selected : throw OutOfRange(selected);
    }

    private JobException OutOfRange(int selected) => new(
        JobFailure.Permanent,
        $"The partitioning behind operator '{operatorId}' chose subtask {selected}; there are {channels}, numbered from 0.");
}
