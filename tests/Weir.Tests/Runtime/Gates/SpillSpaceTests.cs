using Weir.Runtime;
using Weir.Runtime.Gates;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

public sealed class SpillSpaceTests : IDisposable
{
    private const int Region = 100;

    private readonly MemorySpill _file = new();
    private readonly SpillSpace _space;

    public SpillSpaceTests() => _space = new SpillSpace(_file, Region);

    public void Dispose() => _file.Dispose();

    [Fact]
    public void What_was_put_is_read_until_its_last_owner_lets_go()
    {
        var batch = Put(40, fill: 1);
        batch.Retain();
        batch.LetGo();
        var other = Put(40, fill: 2);
        Assert.Equal(80, _space.Bytes);
        Assert.Equal(Bytes(40, 1), Read(batch));
        Assert.Equal(Bytes(40, 2), Read(other));
        batch.LetGo();
        other.LetGo();
        Assert.Equal(0, _space.Bytes);
    }

    [Fact]
    public void The_room_of_what_was_read_is_used_again_while_other_batches_stay()
    {
        var stays = Put(30, fill: 7);
        for (int round = 0; round < 1000; round++)
        {
            var passing = Enumerable.Range(0, 10).Select(number => Put(20 + number, (byte)number)).ToList();
            Assert.All(passing, batch => Read(batch));
            passing.ForEach(batch => batch.LetGo());
        }
        // What lies there at once is 275 bytes; a region may be left with room for less than the next batch.
        Assert.True(_file.Length <= 5 * Region, $"{_file.Length} bytes");
        Assert.Equal(Bytes(30, 7), Read(stays));
        stays.LetGo();
    }

    [Fact]
    public void A_batch_larger_than_a_region_has_several_in_a_row_and_gives_all_back()
    {
        var stays = Put(10, fill: 7);
        for (int round = 0; round < 100; round++)
        {
            var large = Put(350, (byte)round);
            var small = Put(60, fill: 9);
            Assert.Equal(Bytes(350, (byte)round), Read(large));
            Assert.Equal(Bytes(60, 9), Read(small));
            large.LetGo();
            small.LetGo();
        }
        Assert.True(_file.Length <= 6 * Region, $"{_file.Length} bytes");
        Assert.Equal(Bytes(10, 7), Read(stays));
        stays.LetGo();
    }

    [Fact]
    public void When_all_was_read_the_disk_has_its_room_back()
    {
        var batches = Enumerable.Range(0, 50).Select(number => Put(90, (byte)number)).ToList();
        Assert.True(_file.Length > 49 * Region);
        batches.ForEach(batch => batch.LetGo());
        Assert.Equal(0, _file.Length);
        var again = Put(90, fill: 3);
        Assert.Equal(90, _file.Length);
        again.LetGo();
    }

    [Fact]
    public void Batches_in_any_order_never_share_a_place()
    {
        var chance = new Random(4711);
        var held = new List<(SpilledBatch Batch, byte[] Content)>();
        for (int step = 0; step < 20_000; step++)
        {
            if (held.Count == 0 || (held.Count < 40 && chance.Next(2) == 0))
            {
                int length = chance.Next(8) == 0 ? chance.Next(1, 500) : chance.Next(1, 60);
                held.Add((Put(length, (byte)step), Bytes(length, (byte)step)));
                continue;
            }
            int index = chance.Next(held.Count);
            Assert.Equal(held[index].Content, Read(held[index].Batch));
            held[index].Batch.LetGo();
            held.RemoveAt(index);
        }
        Assert.Equal(held.Sum(one => one.Content.Length), _space.Bytes);
        held.ForEach(one => one.Batch.LetGo());
        Assert.Equal(0, _space.Bytes);
    }

    [Fact]
    public void A_write_that_fails_says_what_to_do_and_leaves_nothing_behind()
    {
        _file.WritesThatFail = 1;
        var failure = Assert.Throws<JobException>(() => Put(50, fill: 1));
        Assert.Equal(JobFailure.Transient, failure.Reason);
        Assert.Equal(
            "What one record made is more than memory may hold (MaxOverflowBytes), and the spill file takes no more: No space left on device. Make room there, or raise MaxOverflowBytes.", failure.Message);
        Assert.Equal(0, _space.Bytes);
        Put(50, fill: 2).LetGo();
    }

    [Fact]
    public void Bytes_that_another_wrote_there_are_not_believed()
    {
        var batch = Put(50, fill: 1);
        _file.Write([2], offset: 20);
        Assert.Contains("damaged", Assert.Throws<JobException>(() => Read(batch)).Message, StringComparison.Ordinal);
        batch.LetGo();
    }

    private static byte[] Bytes(int length, byte fill)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(fill);
        return bytes;
    }

    private static byte[] Read(SpilledBatch batch)
    {
        var output = new ByteArena();
        output.Append([0]); // It is appended, whatever stands before.
        batch.AppendTo(output);
        return output.Written[1..].ToArray();
    }

    private SpilledBatch Put(int length, byte fill) => _space.Put(Bytes(length, fill), count: 1);
}
