namespace Weir.Sandbox.Faults;

/// <summary>What goes wrong at a broker, and when. Its chance is seeded: the same requests in the same order are hit again.</summary>
/// <remarks>Thread: any.</remarks>
public sealed class FaultPlan
{
    private readonly Lock _lock = new();
    private readonly List<Planned> _planned = [];
    private readonly Random _chance;
    private TaskCompletionSource _allHappened = Completed();
    private int _happened;

    /// <summary>Makes a plan with nothing in it.</summary>
    /// <param name="seed">Of its chance.</param>
    public FaultPlan(int seed = 0) => _chance = new Random(seed);

    /// <summary>How many requests were hit so far.</summary>
    public int Happened
    {
        get
        {
            lock (_lock)
            {
                return _happened;
            }
        }
    }

    /// <summary>Completes when all that was planned up to now has happened.</summary>
    public Task AllHappened
    {
        get
        {
            lock (_lock)
            {
                return _allHappened.Task;
            }
        }
    }

    /// <summary>Plans a fault, from the next request on.</summary>
    /// <exception cref="ArgumentException">It can't happen: an error for requests that are never answered by one here, or numbers that make no sense.</exception>
    public FaultPlan Add(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        if (fault.Times < 1 || fault.Chance is not (> 0 and <= 1) || fault.For < TimeSpan.Zero)
        {
            throw new ArgumentException($"{fault}: Times is 1 or more, Chance more than 0 and at most 1, For not negative.", nameof(fault));
        }
        if (fault.Kind == FaultKind.Error && fault.Api is { } api && !AnswersErrors(api))
        {
            throw new ArgumentException($"{fault}: {api} is not answered by errors here.", nameof(fault));
        }
        lock (_lock)
        {
            if (_planned.Count == 0)
            {
                _allHappened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            _planned.Add(new Planned(fault));
        }
        return this;
    }

    /// <summary>What goes wrong with this request; null is nothing.</summary>
    internal Fault? For(ApiKey api)
    {
        if (api == ApiKey.ApiVersions)
        {
            return null;
        }
        lock (_lock)
        {
            foreach (var planned in _planned)
            {
                var fault = planned.Fault;
                bool fits = (fault.Api is null || fault.Api == api) && (fault.Kind != FaultKind.Error || AnswersErrors(api));
                if (fits && _chance.NextDouble() < fault.Chance)
                {
                    Hit(planned);
                    return fault;
                }
            }
        }
        return null;
    }

    private static bool AnswersErrors(ApiKey api) => api is ApiKey.Produce or ApiKey.Fetch or ApiKey.ListOffsets or ApiKey.FindCoordinator or ApiKey.InitProducerId
        or ApiKey.AddPartitionsToTxn or ApiKey.AddOffsetsToTxn or ApiKey.OffsetFetch or ApiKey.TxnOffsetCommit or ApiKey.EndTxn;

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }

    private void Hit(Planned planned)
    {
        _happened++;
        if (++planned.Count == planned.Fault.Times)
        {
            _planned.Remove(planned);
            if (_planned.Count == 0)
            {
                _allHappened.SetResult();
            }
        }
    }

    private sealed class Planned(Fault fault)
    {
        public Fault Fault => fault;

        public int Count { get; set; }
    }
}
