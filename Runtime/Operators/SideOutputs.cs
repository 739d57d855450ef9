namespace Weir.Runtime.Operators;

/// <summary>The side outputs of one operator in one subtask that somebody reads.</summary>
/// <remarks>Thread: the one that steps the subtask.</remarks>
internal sealed class SideOutputs(string operatorId, params SideOutput[] outputs)
{
    public bool IsRead(OutputTag tag) => Find(tag) is not null;

    /// <exception cref="JobException">Nobody reads it: what is emitted there would be lost.</exception>
    public void Emit<T>(OutputTag<T> tag, in T record)
    {
        ArgumentNullException.ThrowIfNull(tag);
        var collector = Find(tag) ?? throw new JobException(
            JobFailure.Permanent,
            $"Operator '{operatorId}' emits to side output '{tag.Name}', which nothing reads: its records would be lost. Read it with SideOutput(..) behind that operator, or let the operator ask IsRead(..) first.");
        ((Collector<T>)collector).Emit(in record);
    }

    // An operator has one or two of them, so looking through them is the fastest way.
    private object? Find(OutputTag tag)
    {
        foreach (var output in outputs)
        {
            if (output.Tag.IsSame(tag))
            {
                return output.Collector;
            }
        }
        return null;
    }
}

/// <summary>One of them.</summary>
/// <param name="Tag">Its name.</param>
/// <param name="Collector">The <c>Collector</c> of its records.</param>
internal readonly record struct SideOutput(OutputTag Tag, object Collector);

/// <summary>The ways out of one operator in one subtask.</summary>
/// <param name="Main">The <c>Collector</c> of what it emits; null for a sink.</param>
/// <param name="Side">Its side outputs.</param>
internal readonly record struct OperatorOutputs(object? Main, SideOutputs Side);
