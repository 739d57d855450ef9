using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.StateStore;

public sealed class OperatorStateTests
{
    private const string Folder = "job/0/chk-1";

    private readonly MemoryStorage _storage = new();
    private readonly List<IReadOnlyList<OperatorStatePart>> _stored = [];

    [Fact]
    public async Task A_list_goes_back_to_its_subtask_where_their_number_is_the_same()
    {
        await StoreLists([1, 2], [3]);
        Assert.Equal([[1, 2], [3]], await RestoreLists(2, state => state.List<long>("list")));
    }

    [Theory, InlineData(1), InlineData(3), InlineData(5)]
    public async Task A_list_is_dealt_in_turn_where_their_number_is_another(int parallelism)
    {
        await StoreLists([1, 2, 3], [4, 5, 6]);
        var restored = await RestoreLists(parallelism, state => state.List<long>("list"));
        Assert.Equal([1, 2, 3, 4, 5, 6], restored.SelectMany(list => list).Order());
        Assert.True(restored.Max(list => list.Count) - restored.Min(list => list.Count) <= 1);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(4)]
    public async Task A_union_list_goes_to_every_subtask_whole(int parallelism)
    {
        await StoreAll(state => state.UnionList<long>("list").Add(7), state => state.UnionList<long>("list").Add(8));
        Assert.All(await RestoreLists(parallelism, state => state.UnionList<long>("list")), list => Assert.Equal([7, 8], list));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public async Task Broadcast_state_is_the_same_in_all_subtasks_also_in_new_ones(int parallelism)
    {
        await StoreAll(Rules, Rules);
        for (int index = 0; index < parallelism; index++)
        {
            var state = new OperatorState(new CodecRegistry());
            var rules = state.Broadcast<string, long>("rules");
            await state.RestoreAsync(_storage, Folder, _stored, (index, parallelism), TestContext.Current.CancellationToken);
            Assert.Equal((2, 10L, 20L), (rules.Count, rules["a"], rules["b"]));
        }

        static void Rules(OperatorState state)
        {
            var rules = state.Broadcast<string, long>("rules");
            (rules["a"], rules["b"], rules["c"]) = (10, 20, 30);
            Assert.True(rules.Remove("c"));
        }
    }

    [Fact]
    public async Task A_snapshot_does_not_see_what_changes_after_it()
    {
        var state = new OperatorState(new CodecRegistry());
        var list = state.List<long>("list");
        list.Add(1);
        var image = state.Snapshot();
        list.Update([5, 6]);
        _stored.Add(await Write(image));
        Assert.Equal([[1]], await RestoreLists(1, restored => restored.List<long>("list")));
    }

    [Fact]
    public async Task What_is_large_is_stored_in_several_segments()
    {
        var state = new OperatorState(new CodecRegistry());
        var list = state.List<byte[]>("list");
        list.Update(Enumerable.Range(0, 40).Select(number => Enumerable.Repeat((byte)number, 100_000).ToArray()));
        _stored.Add(await Write(state.Snapshot()));
        Assert.True(_stored[0].Count > 2);
        var read = new OperatorState(new CodecRegistry());
        var restored = read.List<byte[]>("list");
        await read.RestoreAsync(_storage, Folder, _stored, (0, 1), TestContext.Current.CancellationToken);
        Assert.Equal(list, restored);
    }

    [Fact]
    public void An_empty_state_stores_nothing()
    {
        var state = new OperatorState(new CodecRegistry());
        state.List<long>("list").Clear();
        Assert.True(state.Snapshot().IsEmpty);
    }

    [Fact]
    public void A_name_is_given_once_and_before_the_first_record()
    {
        var state = new OperatorState(new CodecRegistry());
        state.List<long>("list");
        Assert.Throws<ArgumentException>(() => state.Broadcast<string, long>("list"));
        state.Snapshot();
        Assert.Throws<InvalidOperationException>(() => state.List<long>("late"));
    }

    [Fact]
    public void Bytes_that_are_no_whole_entries_are_refused()
    {
        var list = new OperatorState(new CodecRegistry()).List<long>("list");
        Assert.Throws<CodecException>(() => list.Read([0, 0, 0, 8, 1], _ => true));
        Assert.Throws<CodecException>(() => list.Read([0xff, 0xff, 0xff, 0xff], _ => true));
        Assert.Throws<CodecException>(() => list.Read([0, 0], _ => true));
    }

    private Task StoreLists(params long[][] lists) => StoreAll([.. lists.Select<long[], Action<OperatorState>>(list => state => state.List<long>("list").Update(list))]);

    private async Task StoreAll(params Action<OperatorState>[] subtasks)
    {
        foreach (var fill in subtasks)
        {
            var state = new OperatorState(new CodecRegistry());
            fill(state);
            _stored.Add(await Write(state.Snapshot()));
        }
    }

    private async Task<IReadOnlyList<OperatorStatePart>> Write(OperatorStateImage image)
    {
        string name = $"state-{_stored.Count}";
        await using var file = await _storage.CreateAsync($"{Folder}/{name}", TestContext.Current.CancellationToken);
        var writer = new SegmentWriter(file, name);
        var parts = await image.WriteAsync(writer, TestContext.Current.CancellationToken);
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        await file.CommitAsync(TestContext.Current.CancellationToken);
        return parts;
    }

    private async Task<List<List<long>>> RestoreLists(int parallelism, Func<OperatorState, OperatorList<long>> declare)
    {
        var restored = new List<List<long>>();
        for (int index = 0; index < parallelism; index++)
        {
            var state = new OperatorState(new CodecRegistry());
            var list = declare(state);
            await state.RestoreAsync(_storage, Folder, _stored, (index, parallelism), TestContext.Current.CancellationToken);
            restored.Add([.. list]);
        }
        return restored;
    }
}
