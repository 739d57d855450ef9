using Weir.StateStore;

namespace Weir;

/// <summary>What an operator keeps for each key. It is declared in the operator's constructor, and belongs to one subtask.</summary>
/// <remarks>
/// Thread: the one that steps the subtask. State is bytes. A type without references, of at most 64 bytes, lies in the table as it is, unless a codec of
/// another form is registered or given for it; its codec id is that of its registered or given codec, else <c>weir.fixed-N</c> of its N bytes. All else is encoded
/// when it is set and decoded when it is read: keep what you read in a variable, and set it again after you changed it.
/// </remarks>
public sealed partial class KeyedState
{
    /// <summary>Declares a value for each key; of a key that has none it is the type's default.</summary>
    /// <typeparam name="T">Has a codec in the registry, or no references and a fixed layout.</typeparam>
    /// <param name="name">Its name in checkpoints, given once within the operator and kept for ever.</param>
    /// <exception cref="ArgumentException">The name was given already, or the type has no codec.</exception>
    public ValueState<T> Value<T>(string name) => Declare<T>(name, default!, null);

    /// <summary>Declares a value for each key.</summary>
    /// <param name="name">Its name in checkpoints, given once within the operator and kept for ever.</param>
    /// <param name="initial">What a key has that has none: one object for all keys if it is an object, so do not change it.</param>
    /// <exception cref="ArgumentException">The name was given already, or the type has no codec.</exception>
    public ValueState<T> Value<T>(string name, T initial) => Declare(name, initial, null);

    /// <summary>Declares a value for each key, with a codec of its own; of a key that has none it is the type's default.</summary>
    /// <param name="name">Its name in checkpoints, given once within the operator and kept for ever.</param>
    /// <param name="codec">Writes and reads the values.</param>
    /// <exception cref="ArgumentException">The name was given already, or values hold slices, which state has no bytes for.</exception>
    public ValueState<T> Value<T>(string name, Codec<T> codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        return Declare(name, default!, codec);
    }
}
