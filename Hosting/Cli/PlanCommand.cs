using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>A job as it would run.</summary>
/// <param name="Job">Its name.</param>
/// <param name="Flow">In one line.</param>
/// <param name="Plan">For people.</param>
internal sealed record JobPlan(string Job, string Flow, string Plan);

/// <summary>What a start from a checkpoint would do.</summary>
/// <param name="Job">The job that would start.</param>
/// <param name="Folder">The checkpoint's folder.</param>
/// <param name="CheckpointId">Its number.</param>
/// <param name="Fits">Whether it would start.</param>
/// <param name="Findings">Each part of the checkpoint, and what becomes of it.</param>
internal sealed record PlannedRestore(string Job, string Folder, long CheckpointId, bool Fits, IReadOnlyList<RestoreFinding> Findings);

/// <summary>The verb <c>plan</c>: what would run, and what a start from a checkpoint would do.</summary>
internal static class PlanCommand
{
    public static Command Create(IServiceProvider services)
    {
        var job = new Argument<string?>("job") { Description = "One job's name; all that run by default.", Arity = ArgumentArity.ZeroOrOne };
        var against = new Option<string?>("--against")
        {
            Description = "What a start of the job from this checkpoint or savepoint would do; without a name, from the newest checkpoint of the job in the store.",
            HelpName = "NAME",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var verb = new Verb("plan", "Print each job's graph as it would run; nothing runs, no broker is asked.", "plan", "plan orders", "plan orders --against", "plan orders --against before-upgrade") { job, against };
        return verb.Shows(async (parsed, cancellation) =>
        {
            var runs = Runs(services, parsed.GetValue(job));
            if (parsed.GetResult(against) is not { Implicit: false })
            {
                IReadOnlyList<JobPlan> plans = [.. runs.Select(run => new JobPlan(run.Name, run.SummarizePlan(), run.DescribePlan()))];
                verb.Write(parsed, plans, VerbsJson.Default.IReadOnlyListJobPlan, _ => parsed.InvocationConfiguration.Output.WriteLine(string.Join(Environment.NewLine, plans.Select(plan => plan.Plan))));
                return ExitCode.Success;
            }
            var run = runs.Count == 1 ? runs[0] : throw Refused($"--against is for one job: name it, {string.Join(" or ", runs.Select(run => run.Name))}.");
            var restore = await PlanRestoreAsync(services.GetRequiredService<ICheckpointStorage>(), run, parsed.GetValue(against), cancellation).ConfigureAwait(false);
            verb.Write(parsed, restore, VerbsJson.Default.PlannedRestore, tables => Show(tables, restore));
            return restore.Fits ? ExitCode.Success : ExitCode.Configuration;
        });
    }

    private static IReadOnlyList<JobRun> Runs(IServiceProvider services, string? job)
    {
        var factory = services.GetRequiredService<JobRunFactory>();
        var runs = job is null ? factory.CreateRuns() : factory.Create(job) is { } one ? [one] : [];
        return runs.Count > 0 ? runs : throw factory.NoJob(job);
    }

    private static async Task<PlannedRestore> PlanRestoreAsync(ICheckpointStorage storage, JobRun run, string? name, CancellationToken cancellation)
    {
        string folder = name is null ? await NewestAsync(storage, run.Name, cancellation).ConfigureAwait(false) : await CheckpointPlaces.FindAsync(storage, name, cancellation).ConfigureAwait(false);
        var metadata = await CheckpointMetadata.ReadAsync(storage, folder, cancellation).ConfigureAwait(false);
        var findings = run.PlanRestore(metadata);
        return new PlannedRestore(run.Name, folder, metadata.CheckpointId, findings.All(found => found.Action != RestoreAction.Refused), findings);
    }

    /// <summary>The one that LATEST names; of a job with Kafka, whose pointer lies there, the newest that is whole, which was committed unless the job died just then.</summary>
    private static async Task<string> NewestAsync(ICheckpointStorage storage, string job, CancellationToken cancellation)
    {
        var entries = await CheckpointCatalog.ReadAsync(storage, job, cancellation).ConfigureAwait(false);
        var newest = entries.FirstOrDefault(entry => entry.IsLatest) ?? entries.Where(entry => entry.Id is not null).MaxBy(entry => entry.Id);
        return newest?.Folder ?? throw Refused($"There is no checkpoint of job {job} in {storage.Location}.");
    }

    private static void Show(TextTables tables, PlannedRestore restore)
    {
        tables.Table(["", "part"], restore.Findings.Select(found => TextTables.Row(
            new Cell(found.Action.ToString().ToLowerInvariant(), found.Action switch { RestoreAction.Refused => Tone.Bad, RestoreAction.Dropped => Tone.Doubtful, _ => Tone.Plain }), found.Sentence)));
        tables.Line(restore.Fits
            ? $"Job {restore.Job} can start from {restore.Folder}."
            : $"Job {restore.Job} can't start from {restore.Folder}: each refused part says what to do.");
    }

    private static JobException Refused(string sentence) => new(JobFailure.Configuration, sentence);
}
