using Confluent.Kafka;
using Weir.Connectors.Kafka;

namespace Weir.Sandbox.Hosting;

/// <summary>Makes the topics that a sample writes and reads.</summary>
internal static class SampleTopics
{
    /// <summary>Makes those that are not there.</summary>
    /// <param name="kafka">The cluster.</param>
    /// <param name="wanted">Names and partitions.</param>
    /// <param name="settings">Of each topic that is made.</param>
    /// <exception cref="Runtime.JobException">The cluster does not answer, or refuses.</exception>
    public static async Task CreateAsync(KafkaOptions kafka, IEnumerable<(string Topic, int Partitions)> wanted, Dictionary<string, string> settings)
    {
        using var admin = new KafkaAdmin(new AdminClientBuilder(KafkaSettings.Admin(kafka, "weir-sample-topics")).Build());
        foreach (var (topic, partitions) in wanted)
        {
            if (await admin.PartitionsAsync(topic).ConfigureAwait(false) is null)
            {
                await admin.CreateAsync(topic, partitions, replicas: -1, settings).ConfigureAwait(false);
            }
        }
    }
}
