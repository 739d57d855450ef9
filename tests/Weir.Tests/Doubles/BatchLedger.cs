using Weir.Runtime.Elements;

namespace Weir.Tests.Doubles;

/// <summary>Remembers every pool of a test, and fails if a batch of one is missing at the end.</summary>
internal sealed class BatchLedger
{
    private readonly List<BatchPool> _pools = [];

    public int Outstanding => _pools.Sum(pool => pool.Outstanding);

    public BatchPool<T> Pool<T>(string renter)
    {
        var pool = new BatchPool<T>(renter);
        _pools.Add(pool);
        return pool;
    }

    public void AllMustBeHome() => Assert.Empty(_pools.Where(pool => pool.Outstanding != 0).Select(pool => pool.Renters));
}
