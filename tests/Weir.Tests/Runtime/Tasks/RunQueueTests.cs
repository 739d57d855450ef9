using Weir.Runtime.Tasks;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime.Tasks;

public sealed class RunQueueTests
{
    private readonly RunQueue _queue = new(2);

    [Fact]
    public void Each_stays_with_the_worker_that_ran_it_last()
    {
        var (one, two) = (Of(worker: 0), Of(worker: 1));
        _queue.Enqueue(one, urgent: false);
        _queue.Enqueue(two, urgent: false);
        Assert.Same(two, _queue.Dequeue(1));
        Assert.Same(one, _queue.Dequeue(0));
        Assert.Equal((0, 1), (one.Worker, two.Worker));
    }

    [Fact]
    public void A_worker_without_any_takes_the_oldest_of_another()
    {
        var (old, young) = (Of(worker: 0), Of(worker: 0));
        _queue.Enqueue(old, urgent: false);
        _queue.Enqueue(young, urgent: false);
        Assert.Same(old, _queue.Dequeue(1));
        Assert.Equal(1, old.Worker);
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void A_worker_with_few_helps_one_with_two_more()
    {
        var own = Of(worker: 1);
        _queue.Enqueue(own, urgent: false);
        _queue.Enqueue(Of(worker: 0), urgent: false);
        _queue.Enqueue(Of(worker: 0), urgent: false);
        Assert.Same(own, _queue.Dequeue(1));
        _queue.Enqueue(own, urgent: false);
        var most = Of(worker: 0);
        _queue.Enqueue(most, urgent: false);
        Assert.NotSame(own, _queue.Dequeue(1));
    }

    [Fact]
    public void Three_that_are_always_ready_get_equal_turns_from_two_workers()
    {
        const int Rounds = 30_000;
        var turns = new Dictionary<Runnable, int>();
        foreach (var runnable in Enumerable.Range(0, 3).Select(_ => Of(worker: 0)))
        {
            turns.Add(runnable, 0);
            _queue.Enqueue(runnable, urgent: false);
        }
        Runnable[] running = [_queue.Dequeue(0), _queue.Dequeue(1)];
        for (int round = 0; round < Rounds; round++)
        {
            int worker = round % 2;
            turns[running[worker]]++;
            _queue.Enqueue(running[worker], urgent: false);
            running[worker] = _queue.Dequeue(worker);
        }
        Assert.All(turns.Values, count => Assert.InRange(count, Rounds / 3 * 8 / 10, Rounds / 3 * 12 / 10));
    }

    [Fact]
    public void Urgent_ones_go_first_whoever_asks()
    {
        var urgent = Of(worker: 1);
        _queue.Enqueue(Of(worker: 0), urgent: false);
        _queue.Enqueue(urgent, urgent: true);
        Assert.True(_queue.IsUrgent);
        Assert.Same(urgent, _queue.Dequeue(0));
        Assert.False(_queue.IsUrgent);
    }

    private static Still Of(int worker) => new Still { Worker = worker };

    private sealed class Still() : Runnable(new HandExecutor())
    {
        protected override StepResult Step() => StepResult.Idle;
    }
}
