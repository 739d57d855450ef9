namespace Weir.Tests.Simulation;

/// <summary>What ends a life of a simulated job.</summary>
internal enum LifeEnd
{
    None,

    /// <summary>Nothing of it runs any more.</summary>
    Crash,

    /// <summary>As a crash for those who look, but it goes on for a while, beside the next life.</summary>
    Overtaken,

    /// <summary>It is asked to stop, with a last checkpoint.</summary>
    Stop,

    /// <summary>It is told to end at once.</summary>
    Cancel,
}

/// <summary>Which faults a seed draws, how often, and which of them took effect.</summary>
internal sealed class Faults
{
    /// <summary>How long a sink that stalls takes nothing: much longer than barriers need that do not wait for it.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(500);

    private readonly Random _chance;
    private readonly double _storageFailure;
    private readonly double _storageSilence;
    private readonly double _slowness;
    private readonly double _commitDoubt;
    private readonly double _stalls;
    private readonly double _spillFailure;
    private int _endsLeft;
    private int _earlyEndsLeft;
    private int _layeredEndsLeft;
    private bool _endsEarly;

    public Faults(Random chance)
    {
        _chance = chance;
        _storageFailure = chance.Next(3) == 0 ? 0.02 : 0;
        _storageSilence = chance.Next(6) == 0 ? 0.01 : 0;
        _slowness = chance.NextDouble();
        _commitDoubt = chance.Next(3) == 0 ? 0.1 : 0;
        _stalls = chance.Next(3) == 0 ? 0.05 : 0;
        _endsLeft = chance.Next(0, 8);
        _spillFailure = chance.Next(3) == 0 ? 0.05 : 0;
        _earlyEndsLeft = chance.Next(3) == 0 ? chance.Next(2, 10) : 0;
        _layeredEndsLeft = chance.Next(0, 4);
    }

    /// <summary>How often each end took effect.</summary>
    public int[] Ends { get; } = new int[Enum.GetValues<LifeEnd>().Length];

    public int StorageFailures { get; private set; }

    public int StorageSilences { get; private set; }

    public int CommitsInDoubt { get; private set; }

    public int Stalls { get; private set; }

    public int SpillFailures { get; private set; }

    /// <summary>No fault after this: what was promised must be kept now.</summary>
    public bool Over { get; set; }

    public bool IsSlow() => _chance.NextDouble() < _slowness;

    public bool StorageFails()
    {
        if (Over || _chance.NextDouble() >= _storageFailure)
        {
            return false;
        }
        StorageFailures++;
        return true;
    }

    /// <summary>Whether a call to storage is never answered.</summary>
    public bool StorageIsSilent()
    {
        if (Over || _chance.NextDouble() >= _storageSilence)
        {
            return false;
        }
        StorageSilences++;
        return true;
    }

    /// <summary>Whether a sink takes nothing for <see cref="Stall"/>.</summary>
    public bool SinkStalls()
    {
        if (_chance.NextDouble() >= _stalls)
        {
            return false;
        }
        Stalls++;
        return true;
    }

    /// <summary>Whether a write to the spill file fails.</summary>
    public bool SpillFails()
    {
        if (Over || _chance.NextDouble() >= _spillFailure)
        {
            return false;
        }
        SpillFailures++;
        return true;
    }

    /// <summary>Whether a commit is applied, but its answer is lost.</summary>
    public bool CommitAnswerIsLost()
    {
        if (Over || _chance.NextDouble() >= _commitDoubt)
        {
            return false;
        }
        CommitsInDoubt++;
        return true;
    }

    /// <summary>An attempt that restored records in flight has a checkpoint: perhaps the life ends with it, so that nobody has read them.</summary>
    /// <param name="isFirst">Whether it is the attempt's first.</param>
    /// <param name="isLayered">Whether it holds restored records that are unread, and others that came after them.</param>
    public void CheckpointAfterRestore(bool isFirst, bool isLayered)
    {
        if (!Over && isLayered && _layeredEndsLeft > 0)
        {
            _layeredEndsLeft--;
            _endsEarly = true;
        }
        else if (!Over && isFirst && _earlyEndsLeft > 0)
        {
            _earlyEndsLeft--;
            _endsEarly = true;
        }
    }

    /// <summary>Whether the life ends now, as it does once in so many steps.</summary>
    public LifeEnd EndNow(int steps)
    {
        if (_endsEarly)
        {
            _endsEarly = false;
            Ends[(int)LifeEnd.Crash]++;
            return LifeEnd.Crash;
        }
        if (Over || _endsLeft == 0 || _chance.Next(steps) != 0)
        {
            return LifeEnd.None;
        }
        _endsLeft--;
        var end = _chance.Next(8) switch { < 5 => LifeEnd.Crash, 5 => LifeEnd.Overtaken, 6 => LifeEnd.Stop, _ => LifeEnd.Cancel };
        Ends[(int)end]++;
        return end;
    }
}
