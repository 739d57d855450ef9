using Weir.Runtime.Checkpointing;

namespace Weir.Runtime.Tasks;

/// <summary>What subtasks tell those who watch them. Thread: the subtask's or a writer's; nothing here blocks.</summary>
internal interface ISubtaskEvents
{
    /// <summary>A subtask that ends in a transactional sink has the barriers it needs, and waits for the switch.</summary>
    void Ready(Subtask subtask, Checkpoint checkpoint);

    /// <summary>It has switched: all it wrote before belongs to the checkpoint.</summary>
    void Switched(Subtask subtask, Checkpoint checkpoint);

    /// <summary>All of a subtask's barriers have come.</summary>
    void BarriersComplete(Subtask subtask, Checkpoint checkpoint);

    /// <summary>A subtask's part of a checkpoint is written.</summary>
    void Acknowledge(Checkpoint checkpoint, SubtaskSnapshot snapshot);

    /// <summary>A subtask can't store its part; the checkpoint should be given up.</summary>
    void Decline(Subtask subtask, Checkpoint checkpoint, Exception failure);

    /// <summary>More is in flight than a checkpoint may store; it should be given up, if it still may be.</summary>
    void Overflowed(Subtask subtask, Checkpoint checkpoint, string verdict);

    /// <summary>A subtask has read its inputs to their ends, and said so behind its output.</summary>
    void Finished(Subtask subtask, long lastCheckpoint);

    /// <summary>A subtask can't go on: the attempt fails.</summary>
    void Failed(Subtask subtask, Exception failure);

    /// <summary>A Step of a subtask took a hundred times what it is to take.</summary>
    void SteppedLong(Subtask subtask, TimeSpan took)
    {
    }

    /// <summary>A source subtask took its first record.</summary>
    void FirstRecord();
}
