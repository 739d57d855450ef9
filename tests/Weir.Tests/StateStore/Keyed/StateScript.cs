using System.Text;
using Weir.StateStore;

namespace Weir.Tests.StateStore;

/// <summary>A keyed state beside the dictionaries it must equal: a number and a text for each key.</summary>
internal sealed class StateScript : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly LocalStorage _storage;
    private readonly Func<string, uint> _hash;
    private readonly KeyGroups _groups;
    private readonly bool _longKeys;
    private readonly ByteArena _keyBytes = new();
    private int _checkpoint;

    /// <param name="maxParallelism">Key groups.</param>
    /// <param name="longKeys">Whether keys are numbers of eight bytes, else texts.</param>
    /// <param name="hash">Instead of the codec's hash, e.g. to make many equal.</param>
    public StateScript(int maxParallelism = 8, bool longKeys = false, Func<string, uint>? hash = null)
    {
        _storage = new LocalStorage(_root.Path, fsync: false);
        _groups = new KeyGroups(maxParallelism);
        _longKeys = longKeys;
        _hash = hash ?? (key => longKeys ? KeyCodec.Int64.Hash(long.Parse(key, null)) : KeyCodec.Utf8.Hash(key));
        State = New(new KeyGroupRange(0, maxParallelism - 1));
        (Number, Text) = Declare(State);
    }

    public KeyedState State { get; }

    public ValueState<long> Number { get; }

    public ValueState<string> Text { get; }

    public Dictionary<string, long> Numbers { get; } = [];

    public Dictionary<string, string> Texts { get; } = [];

    public static (ValueState<long> Number, ValueState<string> Text) Declare(KeyedState state) => (state.Value<long>("number"), state.Value("text", ""));

    public KeyedState New(KeyGroupRange range, KeyGroups? groups = null) => _longKeys
        ? new KeyedState(new CodecRegistry(), KeyCodec.Int64.Id, 8, groups ?? _groups, range)
        : new KeyedState(new CodecRegistry(), KeyCodec.Utf8.Id, 0, groups ?? _groups, range);

    public void SetKey(KeyedState state, string key)
    {
        if (_longKeys)
        {
            state.SetKey(_hash(key), long.Parse(key, null));
        }
        else
        {
            _keyBytes.Clear();
            _keyBytes.Append(Encoding.UTF8.GetBytes(key));
            state.SetKey(_hash(key), _keyBytes.Written);
        }
    }

    public void SetNumber(string key, long value)
    {
        SetKey(State, key);
        Number.Value = Numbers[key] = value;
    }

    public void SetText(string key, string value)
    {
        SetKey(State, key);
        Text.Value = Texts[key] = value;
    }

    public void Clear(string key)
    {
        SetKey(State, key);
        Number.Clear();
        Text.Clear();
        Numbers.Remove(key);
        Texts.Remove(key);
    }

    public void MustEqualTheDictionaries()
    {
        MustEqual(State, Number, Text, Numbers, Texts);
        Assert.Equal(Numbers.Count + Texts.Count, State.Entries);
    }

    /// <summary>Writes a snapshot.</summary>
    public async Task<WrittenSnapshot> WriteAsync(StateSnapshot snapshot)
    {
        string folder = CheckpointPaths.CheckpointFolder("job", 0, Interlocked.Increment(ref _checkpoint), "life");
        await using var file = await _storage.CreateAsync(CheckpointPaths.Join(folder, CheckpointPaths.StateFile(0)), TestContext.Current.CancellationToken);
        var writer = new SegmentWriter(file, CheckpointPaths.StateFile(0));
        var parts = await snapshot.WriteAsync(writer, TestContext.Current.CancellationToken);
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        await file.CommitAsync(TestContext.Current.CancellationToken);
        return new WrittenSnapshot(folder, parts);
    }

    /// <summary>Restores a snapshot into several subtasks, and compares it with what the dictionaries were.</summary>
    /// <param name="written">The snapshot.</param>
    /// <param name="numbers">What the one state was.</param>
    /// <param name="texts">What the other was.</param>
    /// <param name="parallelism">Of the operator that restores.</param>
    /// <param name="now">Divides keys now; as they were divided by default.</param>
    public async Task MustHoldAsync(WrittenSnapshot written, Dictionary<string, long> numbers, Dictionary<string, string> texts, int parallelism = 1, KeyGroups? now = null)
    {
        now ??= _groups;
        for (int subtask = 0; subtask < parallelism; subtask++)
        {
            var range = now.RangeOf(subtask, parallelism);
            var (state, number, text) = await RestoreAsync(written, range, now);
            var ownNumbers = numbers.Where(entry => range.Contains(now.Of(_hash(entry.Key)))).ToDictionary();
            var ownTexts = texts.Where(entry => range.Contains(now.Of(_hash(entry.Key)))).ToDictionary();
            Assert.Equal(ownNumbers.Count + ownTexts.Count, state.Entries);
            MustEqual(state, number, text, ownNumbers, ownTexts);
        }
    }

    public async Task<(KeyedState State, ValueState<long> Number, ValueState<string> Text)> RestoreAsync(WrittenSnapshot written, KeyGroupRange range, KeyGroups? now = null)
    {
        var state = New(range, now);
        var (number, text) = Declare(state);
        await state.RestoreAsync(_storage, written.Folder, written.Parts, _groups, TestContext.Current.CancellationToken);
        return (state, number, text);
    }

    public void Dispose() => _root.Dispose();

    private void MustEqual(KeyedState state, ValueState<long> number, ValueState<string> text, Dictionary<string, long> numbers, Dictionary<string, string> texts)
    {
        foreach (string key in numbers.Keys.Concat(texts.Keys))
        {
            SetKey(state, key);
            Assert.Equal(numbers.ContainsKey(key), number.HasValue);
            Assert.Equal(numbers.GetValueOrDefault(key), number.Value);
            Assert.Equal(texts.ContainsKey(key), text.HasValue);
            Assert.Equal(texts.GetValueOrDefault(key, ""), text.Value);
        }
    }
}

/// <summary>A snapshot that was written to a folder.</summary>
internal sealed record WrittenSnapshot(string Folder, IReadOnlyList<KeyedStatePart> Parts);
