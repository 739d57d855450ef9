using Weir.Runtime.Checkpointing;
using Weir.Runtime.Tasks;

namespace Weir.Tests.Doubles;

/// <summary>Writes down what a subtask says, each as a short string in the order it was said.</summary>
internal sealed class RecordingEvents : ISubtaskEvents
{
    public List<string> Said { get; } = [];

    /// <summary>What was acknowledged, by the checkpoint's number.</summary>
    public Dictionary<long, SubtaskSnapshot> Acknowledged { get; } = [];

    public void Ready(Subtask subtask, Checkpoint checkpoint) => Said.Add($"ready {checkpoint.Id}");

    public void Switched(Subtask subtask, Checkpoint checkpoint) => Said.Add($"switched {checkpoint.Id}");

    public void BarriersComplete(Subtask subtask, Checkpoint checkpoint) => Said.Add($"barriers {checkpoint.Id}");

    public void Acknowledge(Checkpoint checkpoint, SubtaskSnapshot snapshot)
    {
        Said.Add($"acknowledged {checkpoint.Id}");
        Acknowledged.Add(checkpoint.Id, snapshot);
    }

    public void Decline(Subtask subtask, Checkpoint checkpoint, Exception failure) => Said.Add($"declined {checkpoint.Id}: {failure.Message}");

    public void Overflowed(Subtask subtask, Checkpoint checkpoint, string verdict) => Said.Add($"overflowed {checkpoint.Id}: {verdict}");

    public void Finished(Subtask subtask, long lastCheckpoint) => Said.Add($"finished after {lastCheckpoint}");

    public void Failed(Subtask subtask, Exception failure) => Said.Add($"failed: {failure.Message}");

    public void FirstRecord() => Said.Add("first record");
}
