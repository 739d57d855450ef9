using System.Text.Json.Serialization;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.StateStore;

public sealed partial class KeyedStateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public void Each_key_has_values_of_its_own(bool longKeys)
    {
        using var script = new StateScript(longKeys: longKeys);
        script.SetNumber("1", 10);
        script.SetNumber("2", 20);
        script.SetText("2", "two");
        script.SetNumber("2", 21);
        script.Clear("1");
        script.MustEqualTheDictionaries();
        script.SetKey(script.State, "1");
        Assert.False(script.Number.HasValue);
        Assert.Equal(0, script.Number.Value);
        Assert.Equal("", script.Text.Value);
    }

    [Fact]
    public void The_two_ways_to_set_an_eight_byte_key_are_one()
    {
        using var script = new StateScript(longKeys: true);
        script.SetNumber("4711", 5);
        var bytes = new ByteArena();
        KeyCodec.Int64.Encode(4711, bytes);
        script.State.SetKey(KeyCodec.Int64.Hash(4711), bytes.Written);
        Assert.Equal(5, script.Number.Value);
    }

    [Fact]
    public void A_value_set_after_clear_is_there()
    {
        using var script = new StateScript();
        script.SetKey(script.State, "a");
        script.Number.Value = 1;
        script.Number.Clear();
        script.Number.Clear();
        Assert.False(script.Number.HasValue);
        script.Number.Value += 3;
        Assert.Equal(3, script.Number.Value);
        Assert.Equal(1, script.State.Entries);
    }

    [Fact]
    public void Structs_objects_and_empty_values_read_back()
    {
        var state = new KeyedState(new CodecRegistry().Add(Codec.Json(StateJson.Default.Total)), KeyCodec.Int32.Id, 4, new KeyGroups(), new(0, 127));
        var pair = state.Value<(int, double)>("pair");
        var total = state.Value<Total>("total");
        var bytes = state.Value("bytes", Codec.Bytes);
        var large = state.Value<Large>("large", Codec.Fixed<Large>(new("test.large", 1)));
        state.SetKey(5, [0, 0, 0, 1]);
        pair.Value = (7, 0.5);
        total.Value = new Total(3, "x");
        bytes.Value = [];
        large.Value = new Large { Last = 9 };
        Assert.Equal((7, 0.5), pair.Value);
        Assert.Equal(new Total(3, "x"), total.Value);
        Assert.True(bytes.HasValue);
        Assert.Empty(bytes.Value);
        Assert.Equal(9, large.Value.Last);
        Assert.Equal(["pair: weir.fixed-16 v1", "total: json.total v1", "bytes: weir.bytes v1", "large: test.large v1"], state.Declarations.Select(d => $"{d.Name}: {d.ValueCodec}"));
    }

    [Fact]
    public void Declarations_are_listed_before_anything_runs()
    {
        var state = KeyedState.Declaring(new CodecRegistry());
        var sum = state.Value<long>("sum");
        state.Value("name", "nobody");
        Assert.Equal([new("sum", new("weir.int64", 1)), new("name", new("weir.utf8", 1))], state.Declarations);
        Assert.Throws<InvalidOperationException>(() => sum.Value);
    }

    [Fact]
    public void A_wrong_declaration_is_refused()
    {
        var state = KeyedState.Declaring(new CodecRegistry());
        state.Value<long>("sum");
        Assert.Contains("'sum'", Assert.Throws<ArgumentException>(() => state.Value<int>("sum")).Message, StringComparison.Ordinal);
        Assert.Contains("Total", Assert.Throws<ArgumentException>(() => state.Value<Total>("total")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => state.Value<int>(""));
        using var script = new StateScript();
        script.SetKey(script.State, "a");
        Assert.Throws<InvalidOperationException>(() => script.State.Value<int>("late"));
    }

    [Fact]
    public void A_value_before_the_first_record_is_an_error()
    {
        using var script = new StateScript();
        Assert.Throws<InvalidOperationException>(() => script.Number.Value);
        Assert.Throws<InvalidOperationException>(() => script.Number.Value = 1);
    }

    [Fact]
    public void A_value_that_its_codec_refuses_leaves_the_old_one()
    {
        using var script = new StateScript();
        script.SetText("a", "old");
        Assert.Throws<CodecException>(() => script.Text.Value = "\ud800");
        script.MustEqualTheDictionaries();
        script.SetKey(script.State, "b");
        Assert.Throws<CodecException>(() => script.Text.Value = "\ud800");
        Assert.False(script.Text.HasValue);
    }

    [Fact]
    public void A_value_too_large_for_a_segment_is_refused()
    {
        var state = new KeyedState(new CodecRegistry(), KeyCodec.Int32.Id, 4, new KeyGroups(), new(0, 127));
        var bytes = state.Value<byte[]>("bytes");
        state.SetKey(5, [0, 0, 0, 1]);
        Assert.Throws<ArgumentException>(() => bytes.Value = new byte[(32 << 20) + 1]);
    }

    [Fact]
    public void Reading_and_setting_inline_values_allocates_nothing()
    {
        using var script = new StateScript(longKeys: true);
        for (long key = 0; key < 1000; key++)
        {
            script.SetNumber(key.ToString(System.Globalization.CultureInfo.InvariantCulture), key);
        }
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (long key = 0; key < 1000; key++)
            {
                script.State.Prefetch(KeyCodec.Int64.Hash(key));
                script.State.SetKey(KeyCodec.Int64.Hash(key), key);
                script.Number.Value++;
            }
        }));
    }

    [Fact]
    public async Task A_part_that_does_not_fit_is_refused_and_one_of_a_state_that_is_not_declared_left_unread()
    {
        using var script = new StateScript();
        script.SetNumber("a", 1);
        using var snapshot = script.State.Snapshot();
        var written = await script.WriteAsync(snapshot);
        var renamed = written with { Parts = [written.Parts[0] with { StateName = "other" }] };
        Assert.Equal(0, (await script.RestoreAsync(renamed, new(0, 7))).State.Entries);
        var recoded = written with { Parts = [written.Parts[0] with { ValueCodec = new("weir.int64", 2) }] };
        Assert.Contains("weir.int64 v2", (await Assert.ThrowsAsync<InvalidOperationException>(() => script.RestoreAsync(recoded, new(0, 7)))).Message, StringComparison.Ordinal);
        var short_ = written with { Parts = [written.Parts[0] with { Entries = 2 }] };
        Assert.Equal(StorageFailure.Damaged, (await Assert.ThrowsAsync<CheckpointStorageException>(() => script.RestoreAsync(short_, new(0, 7)))).Reason);
    }

    internal sealed record Total(long Sum, string Name);

    internal unsafe struct Large
    {
        public fixed byte Bytes[96];
        public long Last;
    }

    [JsonSerializable(typeof(Total))]
    internal sealed partial class StateJson : JsonSerializerContext;
}
