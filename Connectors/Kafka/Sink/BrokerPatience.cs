using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>Waits for brokers during a start: says once that none answers and once that they are back, and gives up when the operator said so.</summary>
/// <remarks>Thread: any.</remarks>
internal sealed class BrokerPatience(KafkaOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly long _began = time.GetTimestamp();
    private int _away;

    /// <summary>Notes that nobody answered, before the same is tried again.</summary>
    /// <exception cref="JobException">It has lasted longer than a start may wait.</exception>
    public void NoAnswer(string reason)
    {
        if (Interlocked.Exchange(ref _away, 1) == 0)
        {
            logger.BrokersAway(options.BootstrapServers, reason);
        }
        if (options.StartupTimeout is { } limit && time.GetElapsedTime(_began) >= limit)
        {
            throw new JobException(JobFailure.Unreachable, $"No broker of {options.BootstrapServers} answered within {limit.TotalSeconds:F0} s: {reason}");
        }
    }

    /// <summary>Notes that a broker answered.</summary>
    public void Answered()
    {
        if (Interlocked.Exchange(ref _away, 0) == 1)
        {
            logger.BrokersBack(time.GetElapsedTime(_began).TotalMilliseconds);
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
            catch (JobException failure) when (failure.Reason == JobFailure.Unreachable && !IsRefusal(failure))
            {
                NoAnswer(failure.Message);
                await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
            }
        }
    }

    // Who is turned away is turned away the next time, too.
    private static bool IsRefusal(JobException failure) =>
        failure.InnerException is Confluent.Kafka.KafkaException inner && KafkaFaults.Classify((int)inner.Error.Code) == KafkaFault.Authentication;
}
