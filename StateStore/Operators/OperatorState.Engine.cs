using Weir.StateStore;

namespace Weir;

/// <content>What the engine does with it: takes snapshots, restores.</content>
public sealed partial class OperatorState
{
    private readonly CodecRegistry _codecs;
    private readonly List<(OperatorStateDeclaration Declaration, OperatorEntries Entries)> _states = [];
    private bool _isInUse;

    internal OperatorState(CodecRegistry codecs) => _codecs = codecs;

    /// <summary>What was declared, in this order.</summary>
    internal IReadOnlyList<OperatorStateDeclaration> Declarations => [.. _states.Select(state => state.Declaration)];

    /// <summary>Encodes all of it: what it returns does not change any more.</summary>
    internal OperatorStateImage Snapshot()
    {
        _isInUse = true;
        var image = new OperatorStateImage();
        foreach (var (declaration, entries) in _states)
        {
            image.Add(declaration, entries);
        }
        return image;
    }

    /// <summary>Reads what a checkpoint holds for one subtask; called once, before the first record.</summary>
    /// <param name="storage">Where the checkpoint lies.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="stored">The parts of all old subtasks, by their index.</param>
    /// <param name="subtask">The subtask, and how many there are now.</param>
    /// <param name="cancellation">Gives up; the state is then of no use.</param>
    /// <exception cref="CheckpointStorageException">Files are missing or damaged.</exception>
    internal async ValueTask RestoreAsync(
        ICheckpointStorage storage, string folder, IReadOnlyList<IReadOnlyList<OperatorStatePart>> stored, (int Index, int Parallelism) subtask, CancellationToken cancellation)
    {
        _isInUse = true;
        foreach (var (declaration, entries) in _states)
        {
            int number = 0;
            for (int old = 0; old < stored.Count; old++)
            {
                foreach (var part in stored[old].Where(part => part.StateName == declaration.Name))
                {
                    int first = number;
                    number += part.Entries;
                    if (OperatorStateDeal.MayHold(declaration.Kind, old, stored.Count, subtask))
                    {
                        var payload = await SegmentReader.ReadAsync(storage, folder, part.Handle, cancellation);
                        entries.Read(payload.Span, entry => OperatorStateDeal.Holds(declaration.Kind, first + entry, stored.Count, subtask), UpgradesFor(declaration, part));
                    }
                }
            }
        }
    }

    private (CodecUpgrade? Key, CodecUpgrade? Value) UpgradesFor(OperatorStateDeclaration declaration, OperatorStatePart part) => (
        part.KeyCodec is { } key && declaration.KeyCodec is { } declared ? _codecs.FindUpgrade(key, declared) : null,
        _codecs.FindUpgrade(part.ValueCodec, declaration.ValueCodec));

    private void Add(OperatorStateDeclaration declaration, OperatorEntries entries)
    {
        ArgumentException.ThrowIfNullOrEmpty(declaration.Name);
        if (_isInUse)
        {
            throw new InvalidOperationException($"State '{declaration.Name}' is declared after the first record; declare it in the operator's constructor.");
        }
        if (_states.Exists(state => state.Declaration.Name == declaration.Name))
        {
            throw new ArgumentException($"State '{declaration.Name}' is declared twice; names are unique within an operator.", nameof(declaration));
        }
        _states.Add((declaration, entries));
    }
}
