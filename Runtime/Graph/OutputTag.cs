using Weir.Runtime.Graph;

namespace Weir;

/// <summary>Names a side output: a way out of an operator beside its main one, for records of another kind. Two tags of the same name and type are the same.</summary>
/// <typeparam name="T">The records that go that way.</typeparam>
/// <remarks>Made once, as a static field, by whoever emits to it; read with <see cref="DataStream{T}.SideOutput{TSide}(OutputTag{TSide})"/>. Immutable.</remarks>
public sealed class OutputTag<T> : OutputTag
{
    /// <param name="name">Unique within the operator: letters, digits, '.', '_' and '-'.</param>
    /// <param name="codec">How its records are stored while they are in flight; null (the default) leaves it to <see cref="DataStream{T}.WithCodec"/> and the job's codecs.</param>
    public OutputTag(string name, Codec<T>? codec = null)
        : base(name) => Codec = codec;

    internal Codec<T>? Codec { get; }

    internal override Type RecordType => typeof(T);
}

/// <summary>Names a side output, whatever its records are.</summary>
public abstract class OutputTag
{
    private protected OutputTag(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = OperatorId.IsWellFormed(name) ? name : throw new ArgumentException($"'{name}' is no name of a side output: it has {OperatorId.Form}.", nameof(name));
    }

    /// <summary>Its name, which is part of the ids of the edges that begin there.</summary>
    public string Name { get; }

    internal abstract Type RecordType { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal bool IsSame(OutputTag other) => ReferenceEquals(this, other) || (Name == other.Name && RecordType == other.RecordType);
}
