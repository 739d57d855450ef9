using System.Globalization;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>The topic of a sink: looked up before anything runs, made where that is allowed.</summary>
internal sealed class SinkTopic(string sink, KafkaSinkOptions options, KafkaClients clients)
{
    private int _partitions;

    public string Name { get; } = options.TopicOf(sink);

    /// <summary>How many partitions it has.</summary>
    /// <exception cref="InvalidOperationException">It was not checked yet.</exception>
    public int Partitions => _partitions > 0 ? _partitions : throw new InvalidOperationException($"Topic {Name} of sink {sink} was not checked.");

    /// <summary>Looks it up, or makes it, and notes what it takes; once.</summary>
    /// <returns>Its partitions.</returns>
    public async Task<int> CheckAsync(CancellationToken cancellation)
    {
        if (_partitions == 0)
        {
            _partitions = await clients.Patience.AskAsync(() => LookUpAsync(clients.Admin()), cancellation).ConfigureAwait(false);
        }
        return _partitions;
    }

    private async Task<int> LookUpAsync(KafkaAdmin admin)
    {
        int partitions = await FindAsync(admin);
        var settings = await admin.SettingsAsync(Name);
        clients.Limits.Note(Name, long.Parse(settings[TopicLimits.Setting], CultureInfo.InvariantCulture));
        return partitions;
    }

    private async Task<int> FindAsync(KafkaAdmin admin)
    {
        if (await admin.PartitionsAsync(Name) is { } existing)
        {
            return existing;
        }
        if (!options.CreateTopic)
        {
            throw new JobException(JobFailure.Configuration, $"Sink {sink}: there is no topic {Name}. Make it, or set CreateTopic.");
        }
        const short brokersChoice = -1;
        int made = await admin.CreateAsync(Name, options.Partitions ?? brokersChoice, brokersChoice, []);
        clients.Logger.TopicMade(Name, made);
        return made;
    }
}
