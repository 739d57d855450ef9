using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <summary>One state of a subtask: a table for each key group it owns.</summary>
/// <remarks>Thread: the one that steps the subtask.</remarks>
internal sealed class StateTable
{
    private readonly KeyGroupTable[] _tables;
    private readonly int _first;

    public StateTable(StateDeclaration declaration, SlotLayout layout, KeyGroups groups, KeyGroupRange range, PageStore store, StateEpoch epoch)
    {
        Declaration = declaration;
        Layout = layout;
        _first = range.First;
        _tables = new KeyGroupTable[range.Count];
        for (int i = 0; i < _tables.Length; i++)
        {
            _tables[i] = new KeyGroupTable(layout, groups, range.First + i, store, epoch);
        }
    }

    /// <summary>Name and codec of the state.</summary>
    public StateDeclaration Declaration { get; }

    public SlotLayout Layout { get; }

    /// <summary>The tables, by key group.</summary>
    public IReadOnlyList<KeyGroupTable> Tables => _tables;

    /// <summary>The table of a key group that the subtask owns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public KeyGroupTable Of(int keyGroup) => _tables[keyGroup - _first];
}
