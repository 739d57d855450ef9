using System.Runtime.CompilerServices;

namespace Weir.Runtime.Tasks;

/// <summary>What a subtask spends its time with. Two notes a Step, none a record.</summary>
/// <remarks>Thread: who steps writes, one at a time; any reads. A reader that met a note under way looks again: what it sees never falls.</remarks>
internal sealed class StepTimes(long began)
{
    private Ticks _spent;
    private StepState _state = StepState.Idle;
    private long _since = began;
    private long _version; // Odd while a note is made.

    /// <summary>From now on it does something else.</summary>
    public void Enter(StepState state, long now)
    {
        long version = _version;
        Volatile.Write(ref _version, version + 1);
        Volatile.WriteBarrier();
        _spent[(int)_state] += Math.Max(0, now - _since);
        _since = now;
        _state = state;
        Volatile.Write(ref _version, version + 2);
    }

    /// <summary>What it spent until now, in the clock's ticks.</summary>
    public Ticks Until(long now)
    {
        while (true)
        {
            long version = Volatile.Read(ref _version);
            var spent = _spent;
            spent[(int)_state] += Math.Max(0, now - _since);
            Volatile.ReadBarrier();
            if (version % 2 == 0 && Volatile.Read(ref _version) == version)
            {
                return spent;
            }
            Thread.Yield();
        }
    }

    /// <summary>Ticks for each <see cref="StepState"/>.</summary>
    [InlineArray(4)]
    internal struct Ticks
    {
        private long _first;

        public static Ticks operator +(Ticks one, Ticks other)
        {
            for (int state = 0; state < 4; state++)
            {
                one[state] += other[state];
            }
            return one;
        }

        /// <summary>Of each state the larger one.</summary>
        public static Ticks Highest(Ticks one, Ticks other)
        {
            for (int state = 0; state < 4; state++)
            {
                one[state] = Math.Max(one[state], other[state]);
            }
            return one;
        }
    }
}

/// <summary>What a subtask does.</summary>
internal enum StepState
{
    /// <summary>Waits for records.</summary>
    Idle,

    /// <summary>Waits for room.</summary>
    Backpressured,

    /// <summary>Waits for a core.</summary>
    Queued,

    /// <summary>Runs.</summary>
    Busy,
}
