using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>The verb <c>doctor</c>: whether what the jobs need is there, before they need it. No job runs; the store gets a small file, which is deleted again.</summary>
internal static class DoctorCommand
{
    public static Command Create(IServiceProvider services)
    {
        var verb = new Verb("doctor", "Check settings, brokers, topics and the store: each line passes, warns or fails, with what to do.", "doctor", "doctor --json", "doctor --Weir:Kafka:BootstrapServers=broker:9092");
        return verb.Shows(async (parsed, cancellation) =>
        {
            var looking = LookAsync(services, cancellation);
            var findings = await WaitingLine.ForAsync(parsed, looking, "Brokers and store are asked", services.GetRequiredService<TimeProvider>()).ConfigureAwait(false);
            verb.Write(parsed, findings, VerbsJson.Default.IReadOnlyListFinding, tables => Show(tables, findings));
            return findings.Max(finding => finding.ExitCode);
        });
    }

    private static async Task<IReadOnlyList<Finding>> LookAsync(IServiceProvider services, CancellationToken cancellation)
    {
        WeirOptions options;
        try
        {
            options = services.GetRequiredService<IOptions<WeirOptions>>().Value;
        }
        catch (OptionsValidationException refusal)
        {
            return [.. refusal.Failures.Select(problem => new Finding("settings", Verdict.Fail, problem) { ExitCode = ExitCode.Configuration })];
        }
        var findings = new List<Finding> { Finding.Pass("settings", "All that is set is known, and in its range.") };
        var jobs = Jobs(services, options, findings);
        var time = services.GetRequiredService<TimeProvider>();
        var store = new StoreChecks(services.GetRequiredService<ICheckpointStorage>(), options, services.GetRequiredService<FreeSpace>(), time);
        findings.AddRange(await store.RunAsync(cancellation).ConfigureAwait(false));
        if (options.Kafka.BootstrapServers.Length > 0)
        {
            using var kafka = new KafkaChecks(options.Kafka, jobs, time);
            findings.AddRange(await kafka.RunAsync(cancellation).ConfigureAwait(false));
        }
        else if (jobs.Find(job => job.Sources.Count + job.Sinks.Count > 0) is { } needing)
        {
            findings.Add(Finding.Fail("brokers", $"No Kafka is configured, and job {needing.Name} needs one.", "Set Weir:Kafka:BootstrapServers. " + ConfiguredKafka.HowToGetOne));
        }
        return findings;
    }

    private static List<JobRun> Jobs(IServiceProvider services, WeirOptions options, List<Finding> findings)
    {
        var factory = services.GetRequiredService<JobRunFactory>();
        var jobs = new List<JobRun>();
        foreach (var registration in services.GetServices<JobRegistration>().Where(registration => registration.Runs(options)))
        {
            try
            {
                jobs.Add(factory.Create(registration.Name)!);
                findings.Add(Finding.Pass($"job {registration.Name}", "Its graph and its settings fit."));
            }
            catch (JobException refusal)
            {
                findings.Add(Finding.Of($"job {registration.Name}", refusal));
            }
        }
        findings.AddRange(Memory(services.GetRequiredService<MemoryUse>(), jobs));
        if (jobs.Count == 0 && !findings.Exists(finding => finding.Verdict == Verdict.Fail))
        {
            findings.Add(Finding.Of("jobs", factory.NoJob(null)));
        }
        return jobs;
    }

    private static IEnumerable<Finding> Memory(MemoryUse memory, List<JobRun> jobs)
    {
        if (jobs.Count == 0)
        {
            return [];
        }
        try
        {
            memory.Divide(jobs);
        }
        catch (JobException refusal)
        {
            return [Finding.Of("memory", refusal)];
        }
        string found = $"Of {SettingText.Size(memory.Plan!.Total)} for jobs, {memory.Plan.Describe()}.";
        return [memory.Plan.Total <= MemoryUse.Available
            ? Finding.Pass("memory", found)
            : Finding.Warn("memory", $"{found} The machine or the container has {SettingText.Size(MemoryUse.Available)}.", "Lower Weir:Memory, or give the process more: one that takes more than there is is killed.")];
    }

    private static void Show(TextTables tables, IReadOnlyList<Finding> findings) =>
        tables.Table(["", "check", "found", "what to do"], findings.Select(finding => TextTables.Row(Mark(finding.Verdict), finding.Check, finding.Found, finding.Fix ?? "")));

    private static Cell Mark(Verdict verdict) => verdict switch
    {
        Verdict.Pass => new Cell("pass", Tone.Good),
        Verdict.Unknown => new Cell("unknown"),
        Verdict.Warn => new Cell("warn", Tone.Doubtful),
        _ => new Cell("fail", Tone.Bad),
    };
}
