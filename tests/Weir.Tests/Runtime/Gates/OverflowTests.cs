using Weir.Runtime;
using Weir.Runtime.Elements;
using Weir.Runtime.Gates;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

public sealed class OverflowTests
{
    private const int Full = Batch.Capacity;

    [Fact]
    public void Beyond_the_overdraft_batches_take_of_the_budget_and_then_go_to_the_spill_file()
    {
        var budget = new MemoryShare(LongsOf(1));
        using var gate = new GateScript();
        var context = new RecordContext();
        var output = gate.GateInto(0, context, overdraft: 1, budget);
        for (long number = 0; number < 6 * Full; number++)
        {
            output.Emit(in number);
            Assert.Equal(number >= Full, context.StopAfterThis);
        }
        Assert.Equal(new OverflowCounts(Overdrawn: 1, InMemory: 1, Spilled: 2), output.Overflow);
        Assert.Equal(LongsOf(1), budget.Taken);
        Assert.True(gate.SpilledBytes > 2 * Full * sizeof(long));
        gate.TakeAll();
        Assert.Equal(Enumerable.Range(0, 6 * Full).Select(number => (long)number), gate.Taken);
        Assert.Equal((0, 0), (budget.Taken, gate.SpilledBytes));
    }

    [Fact]
    public void No_further_record_is_taken_until_all_of_it_was_read()
    {
        using var gate = new GateScript();
        var output = gate.GateInto(0, new RecordContext(), overdraft: 1, new MemoryShare(0));
        for (long number = 0; number < 5 * Full; number++)
        {
            output.Emit(in number);
        }
        for (int read = 0; read < 5; read++)
        {
            Assert.Equal(read > 3, output.HasRoom);
            gate.Take(Full);
        }
        Assert.True(output.HasRoom);
    }

    [Fact]
    public void A_barrier_goes_behind_all_of_it_and_overtakes_it_at_once()
    {
        using var gate = new GateScript();
        var output = gate.GateInto(0, new RecordContext(), overdraft: 1, new MemoryShare(LongsOf(1)));
        var seven = gate.Begin(7);
        for (long number = 0; number < (6 * Full) + 10; number++)
        {
            output.Emit(in number);
        }
        output.PutBarrier(seven);
        gate.Take(0);
        gate.RunBackground();
        Assert.Equal(Enumerable.Range(0, (6 * Full) + 10).Select(number => (long)number), gate.Stored(seven));
        gate.TakeAll();
        Assert.Equal((6 * Full) + 10, gate.Taken.Count);
    }

    [Fact]
    public void Once_one_could_not_be_put_aside_no_barrier_may_follow()
    {
        using var gate = new GateScript();
        var output = gate.GateInto(0, new RecordContext(), overdraft: 0, new MemoryShare(0));
        var seven = gate.Begin(7);
        gate.SpillFile.WritesThatFail = 1;
        Assert.Throws<JobException>(() =>
        {
            for (long number = 0; number < 10 * Full; number++)
            {
                output.Emit(in number);
            }
        });
        Assert.Throws<JobException>(() => output.Emit(1));
        Assert.Throws<JobException>(() => output.PutBarrier(seven));
        Assert.Throws<JobException>(output.PutEnd);
    }

    [Fact]
    public void Objects_count_by_what_they_are_stored_as()
    {
        var budget = new MemoryShare(1 << 20);
        using var file = new MemorySpill();
        var overflow = new Overflow<string>(new RecordFormat<string>(Codec.Utf8), budget, new SpillSpace(file, 1 << 20));
        var pool = new BatchPool<string>("texts");
        var first = Texts(pool, new string('x', 1000));
        Assert.Null(overflow.PutAside(first));
        Assert.True(budget.Taken > Full * 2000);
        var second = Texts(pool, new string('x', 1000));
        var spilled = overflow.PutAside(second);
        Assert.Equal(Full, spilled!.Count);
        spilled.LetGo();
        first.LetGo();
        second.LetGo();
        Assert.Equal(0, budget.Taken);
    }

    [Fact]
    public void What_it_took_goes_back_with_its_credit_whatever_a_checkpoint_holds_and_no_pool_keeps_it()
    {
        var budget = new MemoryShare(long.MaxValue);
        using var file = new MemorySpill();
        var overflow = new Overflow<string>(new RecordFormat<string>(Codec.Utf8), budget, new SpillSpace(file, 1 << 20));
        var pool = new BatchPool<string>("texts");
        var batch = Texts(pool, "x");
        Assert.Null(overflow.PutAside(batch));
        batch.Retain();
        batch.ReturnToBudget();
        batch.LetGo();
        Assert.Equal(0, budget.Taken);
        batch.LetGo();
        var next = pool.Rent();
        Assert.NotSame(batch, next);
        next.LetGo();
        Assert.Same(next, pool.Rent());
    }

    private static long LongsOf(int batches) => batches * (256 + (Full * (sizeof(long) + sizeof(long) + sizeof(uint))));

    private static Batch<string> Texts(BatchPool<string> pool, string text)
    {
        var batch = pool.Rent();
        while (batch.Count < Full)
        {
            batch.Add(text, new RecordContext(), null);
        }
        return batch;
    }
}
