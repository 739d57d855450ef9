using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>Waits for brokers: says once that none answers and once that they are back, and gives up where they refuse us, or the operator said so.</summary>
/// <param name="servers">The brokers, for people.</param>
/// <param name="limit">How long to wait; null waits for ever.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it says so.</param>
/// <remarks>Thread: any.</remarks>
internal sealed class BrokerPatience(string servers, TimeSpan? limit, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private long? _awaySince;
    private bool _said;
    private string? _heard;
    private KafkaError _refused;

    /// <summary>Takes what a client reports outside of any call.</summary>
    public void Hear(KafkaError error)
    {
        lock (_lock)
        {
            switch (error.Fault)
            {
                case KafkaFault.Authentication:
                    _refused = error;
                    break;
                case KafkaFault.Unreachable when error.Code == KafkaFaults.AllBrokersDown:
                    Miss(_heard ?? error.Text);
                    break;
                case KafkaFault.Unreachable:
                    _heard = error.Text;
                    break;
            }
        }
    }

    /// <summary>Notes that nobody answered, before the same is tried again.</summary>
    /// <exception cref="JobException">Brokers refuse us, or it has lasted longer than the limit.</exception>
    public void NoAnswer(string reason)
    {
        ThrowIfRefused();
        lock (_lock)
        {
            Miss(_heard ?? reason);
            if (time.GetElapsedTime(_awaySince!.Value) >= limit)
            {
                throw new JobException(JobFailure.Unreachable, $"No broker of {servers} answered within {limit.Value.TotalSeconds:F0} s: {_heard ?? reason}");
            }
        }
    }

    /// <summary>For who waits for something else than the answer to a call.</summary>
    /// <exception cref="JobException">Brokers refuse us.</exception>
    public void ThrowIfRefused()
    {
        lock (_lock)
        {
            if (!_refused.IsNone)
            {
                throw KafkaFaults.Failure(_refused, $"Brokers of {servers} refuse this client");
            }
        }
    }

    /// <summary>Notes that a broker answered.</summary>
    public void Answered()
    {
        lock (_lock)
        {
            if (_said)
            {
                logger.BrokersBack(time.GetElapsedTime(_awaySince!.Value).TotalMilliseconds);
            }
            (_awaySince, _said, _heard, _refused) = (null, false, null, default);
        }
    }

    /// <summary>Asks until there is an answer.</summary>
    public async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                var answer = await ask().WaitAsync(cancellation).ConfigureAwait(false);
                Answered();
                return answer;
            }
            catch (JobException failure) when (KafkaFaults.IsNoAnswer(failure))
            {
                NoAnswer(failure.Message);
                await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
            }
        }
    }

    private void Miss(string reason)
    {
        _awaySince ??= time.GetTimestamp();
        if (!_said)
        {
            _said = true;
            logger.BrokersAway(servers, reason);
        }
    }
}
