using CsCheck;
using Weir.Runtime;
using Weir.Runtime.Graph;
using Weir.Runtime.Partitioning;
using Weir.StateStore;

namespace Weir.Tests.Graph;

public sealed class PartitionerTests
{
    private static readonly Gen<(int Channels, int MaxParallelism)> s_sizes =
        from maxParallelism in Gen.Int[2, 300]
        from channels in Gen.Int[1, maxParallelism]
        select (channels, maxParallelism);

    [Fact]
    public void A_key_has_one_channel_whoever_sends_it() => Gen.Select(s_sizes, Gen.Long).Sample((sizes, key) =>
        ByKey(sizes.Channels, sizes.MaxParallelism).Select(key) == ByKey(sizes.Channels, sizes.MaxParallelism).Select(key));

    [Fact]
    public void A_key_goes_to_the_subtask_that_owns_its_group() => Gen.Select(s_sizes, Gen.Long).Sample((sizes, key) =>
    {
        var groups = new KeyGroups(sizes.MaxParallelism);
        int channel = ByKey(sizes.Channels, sizes.MaxParallelism).Select(key);
        return groups.RangeOf(channel, sizes.Channels).Contains(groups.Of(KeyCodec.Int64.Hash(key)));
    });

    [Fact]
    public void Every_channel_gets_keys() => s_sizes.Sample(sizes =>
    {
        var byKey = ByKey(sizes.Channels, sizes.MaxParallelism);
        var met = new HashSet<int>();
        for (long key = 0; met.Count < sizes.Channels && key < 100_000; key++)
        {
            met.Add(byKey.Select(key));
        }
        return met.Count == sizes.Channels;
    });

    [Fact]
    public void The_hash_goes_with_the_record() => Gen.Long.Sample(key =>
    {
        var context = new RecordContext();
        ByKey(4, 128, context).Select(key);
        return context.Hash == KeyCodec.Int64.Hash(key);
    });

    [Fact]
    public void Turns_are_even_from_any_subtask() => Gen.Select(Gen.Int[1, 20], Gen.Int[0, 50], Gen.Int[0, 200]).Sample((channels, from, records) =>
    {
        var turns = new RebalancePartitioner<long>(from, channels);
        int[] counts = new int[channels];
        for (int i = 0; i < records; i++)
        {
            counts[turns.Select(i)]++;
        }
        return counts.Max() - counts.Min() <= 1;
    });

    [Fact]
    public void Turns_begin_with_the_subtask_of_the_same_number()
    {
        Assert.Equal(2, new RebalancePartitioner<long>(fromSubtask: 2, channels: 4).Select(0));
        Assert.Equal(1, new RebalancePartitioner<long>(fromSubtask: 5, channels: 4).Select(0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_rule_that_chooses_what_is_not_there_ends_the_job(int choice)
    {
        var rule = new CustomPartitioner<long>("router", (in _, _) => choice, channels: 3);
        var refusal = Assert.Throws<JobException>(() => rule.Select(7));
        Assert.Equal(JobFailure.Permanent, refusal.Reason);
        Assert.Equal($"The partitioning behind operator 'router' chose subtask {choice}; there are 3, numbered from 0.", refusal.Message);
    }

    [Fact]
    public void An_edge_makes_the_partitioner_of_its_kind()
    {
        var plan = GraphScript.Plan(job =>
        {
            var numbers = job.Numbers();
            numbers.ToNowhere("a");
            numbers.Rebalance().ToNowhere("b");
            numbers.KeyBy(n => n).ToNowhere("c");
            numbers.Partition((in n, channels) => (int)(n % channels)).ToNowhere("d");
        });
        Assert.Equal(
            [typeof(ForwardPartitioner<long>), typeof(RebalancePartitioner<long>), typeof(KeyHashPartitioner<long, long>), typeof(CustomPartitioner<long>)],
            plan.Edges.Select(edge => ((EdgePlan<long>)edge).CreatePartitioner(0, 1, 128, new RecordContext()).GetType()));
    }

    private static KeyHashPartitioner<long, long> ByKey(int channels, int maxParallelism, RecordContext? context = null) =>
        new((in key) => key, KeyCodec.Int64, channels, maxParallelism, context ?? new RecordContext());
}
