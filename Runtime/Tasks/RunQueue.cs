namespace Weir.Runtime.Tasks;

/// <summary>What waits to be stepped: the urgent ones first, then each where it ran last.</summary>
/// <remarks>
/// A runnable that stays with its worker finds its state and its batches near that processor: count took 10 % less CPU than with one queue. A worker
/// takes another's only when that one has at least two more than itself, so nobody is idle while there is work, and no queue stays long beside a short one;
/// and in each round of turns once, so that two that share a worker do not stay behind a third that has one for itself.
/// Thread: one at a time; the executor's lock.
/// </remarks>
internal sealed class RunQueue
{
    private const int TurnsPerRound = 61; // Odd, so that it is not always the same worker of two that take turns.

    private readonly Queue<Runnable> _urgent = new();
    private readonly Queue<Runnable>[] _ready;
    private int _turn;

    /// <param name="workers">How many workers there are.</param>
    public RunQueue(int workers)
    {
        _ready = new Queue<Runnable>[workers];
        for (int worker = 0; worker < workers; worker++)
        {
            _ready[worker] = new Queue<Runnable>();
        }
    }

    /// <summary>All that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Whether an urgent one waits.</summary>
    public bool IsUrgent => _urgent.Count > 0;

    public void Enqueue(Runnable runnable, bool urgent)
    {
        (urgent ? _urgent : _ready[runnable.Worker]).Enqueue(runnable);
        Count++;
    }

    /// <summary>Takes what a worker steps next; there must be something.</summary>
    public Runnable Dequeue(int worker)
    {
        var next = (IsUrgent ? _urgent : Choose(worker)).Dequeue();
        next.Worker = worker;
        Count--;
        return next;
    }

    private Queue<Runnable> Choose(int worker)
    {
        var choice = _ready[worker];
        _turn = (_turn + 1) % TurnsPerRound;
        int beaten = choice.Count == 0 || _turn == 0 ? 0 : choice.Count + 1;
        foreach (var queue in _ready)
        {
            if (queue != _ready[worker] && queue.Count > beaten)
            {
                (choice, beaten) = (queue, queue.Count);
            }
        }
        return choice;
    }
}
