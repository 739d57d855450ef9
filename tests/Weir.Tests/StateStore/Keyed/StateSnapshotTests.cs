using System.Globalization;
using CsCheck;
using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class StateSnapshotTests
{
    private static string Key(int number, bool longKeys) =>
        longKeys ? number.ToString(CultureInfo.InvariantCulture) : number % 3 == 0 ? $"{number}-a key that is longer than a slot" : $"k{number}";

    /// <summary>Any order of sets, clears and snapshots, some aborted, written while the next changes are made.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task Each_snapshot_holds_what_was_there_when_it_was_taken(bool longKeys)
    {
        foreach (int seed in Enumerable.Range(1, 12))
        {
            await RunAsync(seed, longKeys);
        }
    }

    private static async Task RunAsync(int seed, bool longKeys)
    {
        var random = new Random(seed);
        using var script = new StateScript(maxParallelism: random.Next(2, 9), longKeys);
        int keys = random.Next(10, 20_000);
        for (int round = 0; round < 4; round++)
        {
            Change(script, random, keys, random.Next(4000), longKeys);
            using var snapshot = script.State.Snapshot();
            var numbers = new Dictionary<string, long>(script.Numbers);
            var texts = new Dictionary<string, string>(script.Texts);
            if (random.Next(4) == 0)
            {
                Change(script, random, keys, 500, longKeys);
                continue; // Aborted.
            }
            var writing = Task.Run(() => script.WriteAsync(snapshot), TestContext.Current.CancellationToken);
            Change(script, random, keys, random.Next(4000), longKeys);
            var written = await writing;
            Change(script, random, keys, 100, longKeys);
            await script.MustHoldAsync(written, numbers, texts, parallelism: random.Next(1, 3));
            await script.MustHoldAsync(written, numbers, texts, parallelism: random.Next(1, 3), now: new KeyGroups(random.Next(2, 50)));
        }
        script.MustEqualTheDictionaries();
    }

    private static void Change(StateScript script, Random random, int keys, int changes, bool longKeys)
    {
        for (int i = 0; i < changes; i++)
        {
            string key = Key(random.Next(keys), longKeys);
            switch (random.Next(6))
            {
                case 0:
                    script.Clear(key);
                    break;
                case 1 or 2:
                    script.SetText(key, new string((char)('a' + random.Next(26)), random.Next(200)));
                    break;
                default:
                    script.SetNumber(key, random.NextInt64());
                    break;
            }
        }
    }

    [Fact]
    public void Any_order_of_sets_and_clears_equals_a_dictionary() =>
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, 3], Gen.Long).Array[0, 3000].Sample(
            steps =>
            {
                using var script = new StateScript(maxParallelism: 2);
                foreach (var (key, what, value) in steps)
                {
                    if (what == 0)
                    {
                        script.Clear(Key(key, false));
                    }
                    else
                    {
                        script.SetNumber(Key(key, false), value);
                    }
                }
                script.MustEqualTheDictionaries();
            },
            iter: 50);

    [Fact]
    public async Task A_table_grows_and_shrinks_by_keys()
    {
        using var script = new StateScript(maxParallelism: 2, longKeys: true);
        for (int key = 0; key < 60_000; key++)
        {
            script.SetNumber(Key(key, true), key);
        }
        for (int key = 0; key < 60_000; key += 2)
        {
            script.Clear(Key(key, true));
        }
        script.MustEqualTheDictionaries();
        using var snapshot = script.State.Snapshot();
        await script.MustHoldAsync(await script.WriteAsync(snapshot), script.Numbers, script.Texts, parallelism: 2);
    }

    [Theory, InlineData(0u), InlineData(1u), InlineData(uint.MaxValue)]
    public async Task Keys_with_equal_hashes_are_told_apart(uint hash)
    {
        using var script = new StateScript(maxParallelism: 2, hash: key => key[0] == 'k' ? hash : KeyCodec.Utf8.Hash(key));
        for (int key = 0; key < 1500; key++)
        {
            script.SetNumber(Key(key, false), key);
        }
        for (int key = 0; key < 1500; key += 5)
        {
            script.Clear(Key(key, false));
        }
        script.MustEqualTheDictionaries();
        using var snapshot = script.State.Snapshot();
        script.SetNumber(Key(1, false), -1);
        script.Numbers[Key(1, false)] = 1;
        await script.MustHoldAsync(await script.WriteAsync(snapshot), script.Numbers, script.Texts);
    }

    [Fact]
    public async Task A_large_state_is_cut_into_segments_within_a_key_group()
    {
        using var script = new StateScript(maxParallelism: 2);
        for (int key = 0; key < 20; key++)
        {
            script.SetText($"k{key}", new string('x', 1 << 20));
        }
        using var snapshot = script.State.Snapshot();
        var written = await script.WriteAsync(snapshot);
        Assert.True(written.Parts.Count >= 3);
        Assert.All(written.Parts, part => Assert.True(part.Handle.Length < 10 << 20));
        await script.MustHoldAsync(written, script.Numbers, script.Texts, parallelism: 2);
    }

    /// <summary>A segment takes 1 MiB. With 52,426 entries of 20 bytes in three key groups, and a head of 12 bytes each, 8 bytes of it are left: no head of a fourth.</summary>
    [Theory, InlineData(52_425), InlineData(52_426), InlineData(52_427)]
    public async Task A_key_group_may_end_where_a_segment_has_no_room_for_the_next(int entries)
    {
        const int Groups = 4;
        using var script = new StateScript(maxParallelism: Groups, longKeys: true);
        int[] left = [.. Enumerable.Range(0, Groups - 1).Select(group => (entries + group) / (Groups - 1)), 10];
        var groups = new KeyGroups(Groups);
        for (int key = 0; left.Any(keys => keys > 0); key++)
        {
            int group = groups.Of(KeyCodec.Int64.Hash(key));
            if (left[group]-- > 0)
            {
                script.SetNumber(Key(key, true), key);
            }
        }
        Assert.Equal(entries + 10, script.Numbers.Count);
        using var snapshot = script.State.Snapshot();
        var written = await Task.Run(() => script.WriteAsync(snapshot), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await script.MustHoldAsync(written, script.Numbers, script.Texts);
    }

    [Fact]
    public void Overwritten_values_do_not_pile_up()
    {
        using var script = new StateScript(maxParallelism: 2);
        for (int round = 0; round < 100; round++)
        {
            for (int key = 0; key < 50; key++)
            {
                script.SetText(Key(key, false), new string((char)('a' + (round % 26)), 1000));
            }
        }
        script.MustEqualTheDictionaries();
        // 50 kB live; without compaction 5 MB.
        Assert.True(script.State.Bytes < 3 << 20, $"{script.State.Bytes} bytes are held");
    }

    [Fact]
    public async Task Values_are_not_compacted_away_under_an_open_snapshot()
    {
        using var script = new StateScript(maxParallelism: 2);
        for (int key = 0; key < 200; key++)
        {
            script.SetText(Key(key, false), new string('o', 1000));
        }
        var texts = new Dictionary<string, string>(script.Texts);
        using (var snapshot = script.State.Snapshot())
        {
            for (int round = 0; round < 10; round++)
            {
                for (int key = 0; key < 200; key++)
                {
                    script.SetText(Key(key, false), new string('n', 1000));
                }
            }
            await script.MustHoldAsync(await script.WriteAsync(snapshot), [], texts);
        }
        script.SetText("last", "x");
        script.MustEqualTheDictionaries();
    }

    [Fact]
    public void One_snapshot_is_open_at_a_time()
    {
        using var script = new StateScript();
        var first = script.State.Snapshot();
        Assert.Throws<InvalidOperationException>(script.State.Snapshot);
        first.Dispose();
        first.Dispose();
        script.State.Snapshot().Dispose();
    }

    [Fact]
    public async Task An_empty_state_has_no_parts()
    {
        using var script = new StateScript();
        using var snapshot = script.State.Snapshot();
        Assert.Empty((await script.WriteAsync(snapshot)).Parts);
    }

    [Fact]
    public async Task A_restored_state_goes_on()
    {
        using var script = new StateScript();
        script.SetNumber("a", 1);
        using var snapshot = script.State.Snapshot();
        var written = await script.WriteAsync(snapshot);
        var (state, number, _) = await script.RestoreAsync(written, new KeyGroupRange(0, 7));
        script.SetKey(state, "a");
        number.Value += 2;
        using var second = state.Snapshot();
        number.Value = 100;
        await script.MustHoldAsync(await script.WriteAsync(second), new() { ["a"] = 3 }, []);
    }
}
