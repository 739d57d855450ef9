using Weir.Connectors.Kafka;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Compares a job's settings with its graph, which only the job itself knows.</summary>
internal static class JobFit
{
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: lists what does not fit.</exception>
    public static void Check(string job, JobOptions options, JobRunner runner)
    {
        string path = $"Weir:Jobs:{job}";
        string[] problems =
        [
            .. Unknown($"{path}:Sources", "source", options.Sources.Keys, runner.LogSources),
            .. Unknown($"{path}:Sinks", "sink", options.Sinks.Keys, runner.LogSinks),
            .. NeverVisible(path, options, runner),
            .. NeverRead(path, options, runner),
        ];
        if (problems.Length > 0)
        {
            throw new JobException(JobFailure.Configuration, string.Join(' ', problems));
        }
    }

    private static IEnumerable<string> Unknown(string path, string kind, IEnumerable<string> given, IReadOnlyList<string> known) =>
        from name in given.Except(known)
        select $"{path}:{name} is for a {kind} that the job does not have: correct the name, or remove it; there {(known.Count == 0 ? "is none" : $"are {string.Join(", ", known)}")}.";

    private static IEnumerable<string> NeverRead(string path, JobOptions options, JobRunner runner) =>
        from source in options.Sources
        where source.Value.OnUndecodable == UndecodableRecord.SideOutput && !runner.SideOutputsOf(source.Key).Contains(KafkaSideOutputs.Undecodable)
        select $"{path}:Sources:{source.Key}:OnUndecodable is SideOutput, which the job does not read: let it read KafkaSideOutputs.Undecodable behind that source, or set it to DeadLetter.";

    private static IEnumerable<string> NeverVisible(string path, JobOptions options, JobRunner runner)
    {
        bool endless = runner.LogSources.Any(source => !(options.Sources.TryGetValue(source, out var set) && set.End != SourceEnd.Never));
        if (options.CheckpointInterval > TimeSpan.Zero || !endless)
        {
            return [];
        }
        return from sink in runner.TransactionalSinks
               where !(options.Sinks.TryGetValue(sink, out var set) && set.Guarantee == SinkGuarantee.AtLeastOnce)
               select $"{path}:CheckpointInterval is 0, so what sink {sink} writes would never become visible: set an interval, or {path}:Sinks:{sink}:Guarantee to AtLeastOnce.";
    }
}
