using Weir.Runtime;

namespace Weir.Connectors.Kafka;

/// <summary>Opens a job's sources, sinks and commits in Kafka.</summary>
public sealed class KafkaConnectorFactory : IConnectorFactory
{
    private readonly KafkaJobOptions _options;

    /// <summary>Checks the options; makes no connection.</summary>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: lists everything that is wrong with them.</exception>
    public KafkaConnectorFactory(KafkaJobOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> problems =
        [
            .. KafkaSettings.Problems(options),
            .. from given in KafkaSettings.Given(options.Client)
               where !KafkaHandle.Takes(given.Key, given.Value)
               select $"Client:{given.Written} {KafkaHandle.NotTaken}.",
        ];
        if (problems.Count > 0)
        {
            throw new JobException(JobFailure.Configuration, $"Kafka: {string.Join(' ', problems)}");
        }
        _options = options;
    }

    /// <inheritdoc/>
    public IConnectors Open(ConnectorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new KafkaConnectors(_options, context);
    }
}
