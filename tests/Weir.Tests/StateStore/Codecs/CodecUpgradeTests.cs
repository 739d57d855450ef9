using CsCheck;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.StateStore;

public sealed class CodecUpgradeTests
{
    private static readonly Codec<int> s_v1 = Codec.Fixed<int>(new CodecId("number", 1));
    private static readonly Codec<long> s_v2 = Codec.Fixed<long>(new CodecId("number", 2));

    [Fact]
    public void One_upgrade_leads_to_another() => Gen.Int.Sample(number =>
    {
        var way = Registry().FindUpgrade(s_v1.Id, Codec.Utf8.Id)!;
        var (old, upgraded) = (new ByteArena(), new ByteArena());
        s_v1.Encode(in number, default, old);
        way.Run(old.Written, upgraded);
        Assert.Equal($"{number}", Codec.Utf8.Decode(upgraded.Written));
    });

    [Fact]
    public void There_is_no_way_back_and_none_to_what_nobody_named()
    {
        Assert.Null(Registry().FindUpgrade(s_v2.Id, s_v1.Id));
        Assert.Null(Registry().FindUpgrade(s_v1.Id, Codec.Guid.Id));
    }

    [Fact]
    public void Upgrades_in_a_circle_come_to_an_end()
    {
        var registry = Registry().AddUpgrade(s_v2, s_v1, number => (int)number);
        Assert.Null(registry.FindUpgrade(s_v1.Id, Codec.Guid.Id));
        Assert.NotNull(registry.FindUpgrade(s_v2.Id, s_v1.Id));
    }

    [Fact]
    public void Two_codecs_of_one_id_are_refused() =>
        Assert.Contains("raise the version", Assert.Throws<ArgumentException>(() => Registry().AddUpgrade(s_v1, Codec.Fixed<uint>(s_v1.Id), number => (uint)number)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Keyed_values_and_their_keys_stay_together_when_they_are_upgraded()
    {
        var storage = new MemoryStorage();
        var groups = new KeyGroups(8);
        var old = new KeyedState(new CodecRegistry(), KeyCodec.Int64.Id, 8, groups, groups.RangeOf(0, 1));
        var numbers = old.Value("number", s_v1);
        for (int key = 0; key < 1000; key++)
        {
            SetKey(old, key);
            numbers.Value = key * 3;
        }
        var parts = await WriteAsync(old, storage);
        var state = new KeyedState(Registry(), KeyCodec.Int64.Id, 8, groups, groups.RangeOf(0, 1));
        var texts = state.Value("number", Codec.Utf8);
        await state.RestoreAsync(storage, "chk", parts, groups, TestContext.Current.CancellationToken);
        for (int key = 0; key < 1000; key++)
        {
            SetKey(state, key);
            Assert.Equal($"{key * 3}", texts.Value);
        }
    }

    private static CodecRegistry Registry() => new CodecRegistry().AddUpgrade(s_v1, s_v2, number => number).AddUpgrade(s_v2, Codec.Utf8, number => $"{number}");

    private static void SetKey(KeyedState state, long key) => state.SetKey(KeyCodec.Int64.Hash(in key), key);

    private static async Task<IReadOnlyList<KeyedStatePart>> WriteAsync(KeyedState state, MemoryStorage storage)
    {
        await using var file = await storage.CreateAsync("chk/state-0", TestContext.Current.CancellationToken);
        var writer = new SegmentWriter(file, "state-0");
        using var snapshot = state.Snapshot();
        var parts = await snapshot.WriteAsync(writer, TestContext.Current.CancellationToken);
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        await file.CommitAsync(TestContext.Current.CancellationToken);
        return parts;
    }
}
