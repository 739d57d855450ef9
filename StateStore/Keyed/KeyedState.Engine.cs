using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Weir.StateStore;

namespace Weir;

/// <content>What the engine does with it: sets the key, takes snapshots, restores.</content>
public sealed partial class KeyedState
{
    private readonly CodecRegistry _codecs;
    private readonly Opened? _opened;
    private readonly List<StateDeclaration> _declarations = [];
    private readonly List<StateTable> _states = [];
    private readonly CurrentKey _key = new();
    private readonly StateEpoch _epoch = new();
    private readonly StateMemory _memory;
    private readonly PackedSlots _packed;
    private readonly PageStore _store;

    /// <summary>Makes the keyed state of a subtask.</summary>
    /// <param name="codecs">Where the codecs of states come from.</param>
    /// <param name="keyCodec">Name and version of the keys' bytes and hash.</param>
    /// <param name="keyLength">Bytes of every key, or 0 where they differ (<see cref="KeyCodec{TKey}.FixedLength"/>).</param>
    /// <param name="groups">Divides keys.</param>
    /// <param name="range">The key groups of the subtask.</param>
    /// <param name="budget">Where it takes memory from.</param>
    internal KeyedState(CodecRegistry codecs, CodecId keyCodec, int keyLength, KeyGroups groups, KeyGroupRange range, StateBudget? budget = null)
        : this(codecs, new Opened(keyCodec, keyLength, groups, range), budget ?? StateBudget.Unbounded)
    {
    }

    private KeyedState(CodecRegistry codecs, Opened? opened, StateBudget budget)
    {
        _codecs = codecs;
        _opened = opened;
        _memory = new StateMemory(budget);
        _packed = new PackedSlots(_memory);
        _store = new PageStore(_memory);
    }

    /// <summary>Only notes what is declared: for a plan, and for the check before a restore. Values can't be read or set.</summary>
    internal static KeyedState Declaring(CodecRegistry codecs) => new(codecs, null, StateBudget.Unbounded);

    /// <summary>What was declared, in this order.</summary>
    internal IReadOnlyList<StateDeclaration> Declarations => _declarations;

    /// <summary>Entries of all states.</summary>
    internal long Entries => _states.Sum(state => state.Tables.Sum(table => table.Count));

    /// <summary>Bytes taken from the system for pages and values.</summary>
    internal long Bytes => _store.Bytes + _states.Sum(state => state.Tables.Sum(table => table.ArenaBytes));

    /// <summary>Told when memory for copies is used up, while a snapshot is stored: again and again, on the thread that steps the subtask.</summary>
    internal Action? CopiesOverflowed
    {
        get => _packed.Overflowed;
        set => _packed.Overflowed = value;
    }

    /// <summary>Gives its memory back at once; nobody steps the subtask any more, and no snapshot is open. One that is forgotten instead is collected.</summary>
    internal void Release()
    {
        _key.Forget(); // Values can't be read or set from here on.
        _store.Release();
        _memory.Release();
    }

    /// <summary>Sets the key whose state is seen from now on.</summary>
    /// <param name="hash">Its stable hash, of a key group of this subtask.</param>
    /// <param name="key">Its bytes, as its codec writes them; copied.</param>
    internal void SetKey(uint hash, ReadOnlySpan<byte> key)
    {
        _key.Begin(hash, RequireOpened().Groups.Of(hash));
        _key.Set(key);
    }

    /// <summary>Sets the key whose state is seen from now on, for keys of <see cref="KeyCodec.Int64"/> or <see cref="KeyCodec.UInt64"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void SetKey(uint hash, long key)
    {
        _key.Begin(hash, RequireOpened().Groups.Of(hash));
        _key.SetEight((ulong)BinaryPrimitives.ReverseEndianness(key));
    }

    /// <summary>The record in hand has no key: until the next one is set, values can't be read or set.</summary>
    internal void ForgetKey() => _key.Forget();

    /// <summary>Brings what a key has in all states near, some records before it is set.</summary>
    internal void Prefetch(uint hash)
    {
        int keyGroup = RequireOpened().Groups.Of(hash);
        foreach (var state in CollectionsMarshal.AsSpan(_states))
        {
            state.Of(keyGroup).Prefetch(hash);
        }
    }

    /// <summary>Takes a snapshot; the time depends on the number of states and key groups only.</summary>
    internal StateSnapshot Snapshot() => new(_states, _epoch, _packed, RequireOpened().KeyCodec);

    /// <summary>Reads what a checkpoint holds of this subtask's key groups; called once, before the first key is set.</summary>
    /// <param name="storage">Where the checkpoint lies.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="parts">Parts of this operator, of all its old subtasks; those of other key groups, and of states that are not declared, are not read.</param>
    /// <param name="storedGroups">Divided the keys when they were stored.</param>
    /// <param name="cancellation">Gives up; the state is then of no use.</param>
    /// <exception cref="CheckpointStorageException">Files are missing or damaged.</exception>
    /// <exception cref="InvalidOperationException">A part was written by another codec, and no upgrade leads from it.</exception>
    internal async ValueTask RestoreAsync(ICheckpointStorage storage, string folder, IReadOnlyList<KeyedStatePart> parts, KeyGroups storedGroups, CancellationToken cancellation)
    {
        var opened = RequireOpened();
        var keys = new KeyRegrouping(storedGroups, opened.Groups);
        Invariant.Holds(Entries == 0);
        foreach (var part in parts.Where(part => _states.Exists(state => state.Declaration.Name == part.StateName)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (keys.MovesKeys || opened.Range.Overlaps(new KeyGroupRange(part.KeyGroupFirst, part.KeyGroupLast)))
            {
                var state = FindStateOf(part, opened);
                var payload = await SegmentReader.ReadAsync(storage, folder, part.Handle, cancellation);
                var upgrade = _codecs.FindUpgrade(part.ValueCodec, state.Declaration.ValueCodec);
                KeyedStateReader.Read(payload.Span, part, state, keys, opened.Range, upgrade);
            }
        }
    }

    private ValueState<T> Declare<T>(string name, T initial, Codec<T>? given)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_key.Stamp > 0 || _epoch.Current > 1)
        {
            throw new InvalidOperationException($"State '{name}' is declared after the first record; declare it in the operator's constructor.");
        }
        if (_declarations.Exists(declared => declared.Name == name))
        {
            throw new ArgumentException($"State '{name}' is declared twice; names are unique within an operator.", nameof(name));
        }
        var form = ValueForm<T>.Choose(name, given ?? _codecs.Find<T>(), _codecs);
        var declaration = new StateDeclaration(name, form.Id);
        _declarations.Add(declaration);
        StateTable? table = null;
        if (_opened is not null)
        {
            table = new StateTable(declaration, new SlotLayout(_opened.KeyLength, form.InlineLength), _opened.Groups, _opened.Range, _store, _epoch);
            _states.Add(table);
        }
        return new ValueState<T>(name, table, _key, form, initial);
    }

    private StateTable FindStateOf(KeyedStatePart part, Opened opened)
    {
        var state = _states.First(candidate => candidate.Declaration.Name == part.StateName);
        if (state.Declaration.ValueCodec != part.ValueCodec && _codecs.FindUpgrade(part.ValueCodec, state.Declaration.ValueCodec) is null)
        {
            throw new InvalidOperationException($"State '{part.StateName}' was written by codec {part.ValueCodec}, the operator declares {state.Declaration.ValueCodec}.");
        }
        if (opened.KeyCodec != part.KeyCodec)
        {
            throw new InvalidOperationException($"The keys of state '{part.StateName}' were written by codec {part.KeyCodec}, the operator declares {opened.KeyCodec}.");
        }
        return state;
    }

    private Opened RequireOpened() => _opened ?? throw new InvalidOperationException("This keyed state only notes what is declared.");

    /// <summary>What is known of keys once a subtask runs.</summary>
    private sealed record Opened(CodecId KeyCodec, int KeyLength, KeyGroups Groups, KeyGroupRange Range);
}
