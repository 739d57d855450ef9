using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>What an operator may ask of one start, and of no other: the ways out that refused starts name.</summary>
internal sealed class StartWishes
{
    private readonly List<(Option<string[]> Option, Action<JobOptions> Apply)> _wishes = [];
    private Option<string[]> _from = null!;

    private StartWishes()
    {
    }

    /// <summary>Adds the options to a verb that starts jobs.</summary>
    public static StartWishes AddTo(Command verb)
    {
        var wishes = new StartWishes();
        wishes.Add(verb, "--first-start", "Begin as if the job had never run, though it has: what it wrote is written again.", job => job.FirstStart = true);
        wishes.AddFrom(verb);
        wishes.Add(verb, "--accept-duplicates", "Begin from what --from names also where a newer checkpoint is committed: what was written since is written again.", job => job.AcceptDuplicates = true);
        wishes.Add(verb, "--allow-dropped-state", "Leave behind what the checkpoint holds of operators and states that the job does not have any more.", job => job.AllowDroppedState = true);
        wishes.Add(verb, "--drop-in-flight", "Lose the records that were in flight at the checkpoint, and count them: the last resort where they fit nowhere any more.", job => job.DropInFlight = true);
        return wishes;
    }

    /// <summary>Sets what was asked for, before the jobs are made.</summary>
    /// <exception cref="JobException">It does not say for which job, or names one that does not run here.</exception>
    public void Apply(ParseResult parsed, IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<WeirOptions>>().Value;
        string[] running = [.. services.GetServices<JobRegistration>().Where(registration => registration.Runs(options)).Select(registration => registration.Name)];
        foreach (var (option, apply) in _wishes)
        {
            if (parsed.GetResult(option) is { Implicit: false } given)
            {
                Apply(option.Name, given.GetValueOrDefault<string[]>() ?? [], apply);
            }
        }
        if (parsed.GetResult(_from) is { Implicit: false } from)
        {
            string[] said = from.GetValueOrDefault<string[]>() ?? [];
            Apply(_from.Name, said[1..], job => job.RestoreFrom = said[0]);
        }

        void Apply(string option, string[] said, Action<JobOptions> apply)
        {
            string[] names = said.Length > 0 ? said : running.Length == 1 ? running : throw Refused($"{option} is for one job: name it, {string.Join(" or ", running)}.");
            foreach (string name in names)
            {
                if (!running.Contains(name))
                {
                    throw Refused($"{option} {name}: no such job runs here; there are {string.Join(", ", running)}.");
                }
                if (!options.Jobs.TryGetValue(name, out var job))
                {
                    options.Jobs.Add(name, job = new JobOptions());
                }
                apply(job);
            }
        }
    }

    private static JobException Refused(string sentence) => new(JobFailure.Configuration, sentence);

    private void Add(Command verb, string name, string description, Action<JobOptions> apply)
    {
        var option = new Option<string[]>(name) { Description = description, Arity = ArgumentArity.ZeroOrMore, HelpName = "JOB", AllowMultipleArgumentsPerToken = true };
        verb.Add(option);
        _wishes.Add((option, apply));
    }

    private void AddFrom(Command verb)
    {
        _from = new Option<string[]>("--from")
        {
            Description = "Begin from this savepoint, or this checkpoint's folder, instead of the committed checkpoint; then the job's name, where several run.",
            Arity = new ArgumentArity(1, 2),
            HelpName = "PATH [JOB]",
            AllowMultipleArgumentsPerToken = true,
        };
        verb.Add(_from);
    }
}
