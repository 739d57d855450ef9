namespace Weir.Tests.Simulation;

/// <summary>Which faults a seed draws, how often, and which of them took effect.</summary>
internal sealed class Faults
{
    private readonly Random _chance;
    private readonly double _storageFailure;
    private readonly double _slowness;
    private readonly double _commitDoubt;

    public Faults(Random chance)
    {
        _chance = chance;
        _storageFailure = chance.Next(3) == 0 ? 0.02 : 0;
        _slowness = chance.NextDouble();
        _commitDoubt = chance.Next(3) == 0 ? 0.1 : 0;
        CrashesLeft = chance.Next(0, 6);
    }

    public int CrashesLeft { get; private set; }

    public int Crashes { get; private set; }

    public int StorageFailures { get; private set; }

    public int CommitsInDoubt { get; private set; }

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

    public bool CrashNow(int steps)
    {
        if (Over || CrashesLeft == 0 || _chance.Next(steps) != 0)
        {
            return false;
        }
        CrashesLeft--;
        Crashes++;
        return true;
    }
}
