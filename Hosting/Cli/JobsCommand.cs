using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>A job of the program.</summary>
internal sealed record JobEntry
{
    public required string Name { get; init; }

    /// <summary>Whether <c>run</c> runs it.</summary>
    public required bool Runs { get; init; }

    /// <summary>Its operators, in the order of the flow.</summary>
    public string? Flow { get; init; }

    public int? Parallelism { get; init; }

    public double? CheckpointIntervalMs { get; init; }

    public IReadOnlyList<SourceEntry> Sources { get; init; } = [];

    public IReadOnlyList<SinkEntry> Sinks { get; init; } = [];

    /// <summary>Why it can't run.</summary>
    public string? Problem { get; init; }
}

internal sealed record SourceEntry(string Name, IReadOnlyList<string> Topics);

internal sealed record SinkEntry(string Name, string Topic);

/// <summary>The verb <c>jobs</c>: what the program has.</summary>
internal static class JobsCommand
{
    public static Command Create(IServiceProvider services)
    {
        var verb = new Verb("jobs", "List the jobs that this program has, which of them run, and the topics they read and write; no broker is asked.", "jobs", "jobs --json");
        return verb.Shows((parsed, _) =>
        {
            var options = services.GetRequiredService<IOptions<WeirOptions>>().Value;
            var factory = services.GetRequiredService<JobRunFactory>();
            var jobs = services.GetServices<JobRegistration>().Select(job => Describe(job.Name, job.Runs(options), factory)).ToList();
            verb.Write(parsed, jobs, VerbsJson.Default.IReadOnlyListJobEntry, tables => Show(tables, jobs));
            return Task.FromResult(ExitCode.Success);
        });
    }

    private static JobEntry Describe(string name, bool runs, JobRunFactory factory)
    {
        try
        {
            var job = factory.Create(name)!;
            return new JobEntry
            {
                Name = name,
                Runs = runs,
                Flow = job.SummarizePlan(),
                Parallelism = job.Settings.Parallelism,
                CheckpointIntervalMs = job.Settings.CheckpointInterval.TotalMilliseconds,
                Sources = [.. job.Sources.Select(source => new SourceEntry(source.Name, source.Topics))],
                Sinks = [.. job.Sinks.Select(sink => new SinkEntry(sink.Name, sink.Topic))],
            };
        }
        catch (JobException refusal)
        {
            return new JobEntry { Name = name, Runs = runs, Problem = refusal.Message };
        }
    }

    private static void Show(TextTables tables, List<JobEntry> jobs)
    {
        tables.Table(["job", "runs", "parallelism", "reads", "writes", "flow"], jobs.Select(job => TextTables.Row(
            job.Name,
            job.Runs ? "yes" : "no",
            job.Parallelism?.ToString(CultureInfo.InvariantCulture) ?? "",
            string.Join(", ", job.Sources.SelectMany(source => source.Topics)),
            string.Join(", ", job.Sinks.Select(sink => sink.Topic)),
            job.Problem is { } problem ? new Cell(problem, Tone.Bad) : job.Flow ?? "")));
    }
}
