using System.Globalization;
using Microsoft.Extensions.Logging;
using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>The compacted topic with a job's commits: makes it where it is missing, and refuses one that could forget a commit.</summary>
internal sealed class CommitsTopic(string job, int slot, CommitsTopicOptions options, ILogger logger)
{
    /// <summary>Slots of a job, until jobs have several.</summary>
    private const int Slots = 1;

    public string Name { get; } = options.Name ?? $"weir-commits-{job}";

    /// <summary>Makes it, or checks it.</summary>
    /// <exception cref="JobException">It can't hold commits safely; says why.</exception>
    public async Task<bool> EnsureAsync(KafkaAdmin admin)
    {
        int partitions = await admin.PartitionsAsync(Name) ?? await MakeAsync(admin);
        if (partitions <= slot)
        {
            throw new JobException(JobFailure.Configuration, $"Topic {Name} has {partitions} partitions; slot {slot} of {job} needs one of its own, number {slot}.");
        }
        await CheckAsync(admin);
        return true;
    }

    private async Task<int> MakeAsync(KafkaAdmin admin)
    {
        if (!options.Create)
        {
            throw new JobException(JobFailure.Configuration, $"There is no topic {Name} for the commits of {job}, and it may not be made (CommitsTopic:Create is false).");
        }
        short replicas = options.ReplicationFactor ?? (short)Math.Min(3, await admin.BrokersAsync());
        int made = await admin.CreateAsync(Name, Slots, replicas, new Dictionary<string, string>
        {
            ["cleanup.policy"] = "compact",
            ["min.insync.replicas"] = Math.Max(1, replicas - 1).ToString(CultureInfo.InvariantCulture),
            ["unclean.leader.election.enable"] = "false",
        });
        logger.TopicMade(Name, made);
        return made;
    }

    /// <summary>Checks one that is there.</summary>
    /// <exception cref="JobException">It could forget a commit; says why.</exception>
    public async Task CheckAsync(KafkaAdmin admin)
    {
        var settings = await admin.SettingsAsync(Name);
        if (settings["cleanup.policy"] != "compact")
        {
            throw new JobException(JobFailure.Configuration, $"Topic {Name} has cleanup.policy {settings["cleanup.policy"]}; only compact keeps the last commit for ever.");
        }
        if (settings["unclean.leader.election.enable"] == "true")
        {
            throw new JobException(JobFailure.Configuration, $"Topic {Name} has unclean.leader.election.enable: a stale replica could forget commits. Set it to false.");
        }
        int replicas = await admin.ReplicasAsync(Name);
        int inSync = int.Parse(settings["min.insync.replicas"], CultureInfo.InvariantCulture);
        if (replicas < 3 || inSync < 2)
        {
            logger.CommitsAreThin(Name, replicas, inSync);
        }
    }
}
