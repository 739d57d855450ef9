using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>What the client of a reader says of its brokers: that they are away is said once, and waited for; that they refuse it ends the attempt.</summary>
/// <param name="source">The source that is read.</param>
/// <param name="topics">Its topics.</param>
/// <param name="logger">Where it says so.</param>
/// <remarks>Thread: the one that asks the client for records.</remarks>
internal sealed class BrokerNews(string source, string topics, ILogger logger)
{
    private bool _waits;
    private string? _heard;

    /// <summary>Why reading can't go on; null while it can.</summary>
    public JobException? Refused { get; private set; }

    /// <summary>Takes what the client reports outside of any partition.</summary>
    public void Hear(KafkaError error)
    {
        switch (error.Fault)
        {
            case KafkaFault.Authentication when !KafkaFaults.IsOfToken(error):
                Refused ??= KafkaFaults.Failure(error, $"Source {source} can't read {topics}: brokers refuse its client");
                break;
            case KafkaFault.Unreachable when error.Code == KafkaFaults.AllBrokersDown:
                Miss(_heard ?? error.Text);
                break;
            case KafkaFault.Unreachable or KafkaFault.Authentication:
                _heard = error.Text;
                break;
        }
    }

    /// <summary>A partition is not served now.</summary>
    public void Miss(string reason)
    {
        if (!_waits)
        {
            _waits = true;
            logger.SourceWaits(source, topics, reason);
        }
    }

    /// <summary>A record came.</summary>
    public void Served()
    {
        if (_waits)
        {
            (_waits, _heard) = (false, null);
            logger.SourceGoesOn(source, topics);
        }
    }
}
