using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>The verbs of a program that has Weir's jobs.</summary>
internal static class WeirCommandLine
{
    public static async Task<int> InvokeAsync(IHost host, string[] args)
    {
        var root = new RootCommand("Runs Kafka stream jobs with exactly-once checkpoints. Without a verb: run. Any setting may follow as --Weir:Path=value.");
        var run = new Command("run", "Run the jobs until they finish, or until SIGTERM or Ctrl-C: then a last checkpoint is taken and committed.");
        foreach (var starting in (Command[])[run, root])
        {
            var wishes = StartWishes.AddTo(starting);
            starting.SetAction((parsed, cancellation) => Refusals.CatchAsync(() =>
            {
                wishes.Apply(parsed, host.Services);
                return RunCommand.RunAsync(host, cancellation);
            }));
        }
        var job = new Argument<string?>("job") { Description = "One job's name; all that run by default.", Arity = ArgumentArity.ZeroOrOne };
        var plan = new Command("plan", "Print the settings in force and each job's plan; nothing runs, no broker is asked.") { job };
        plan.SetAction((parsed, _) => Refusals.CatchAsync(() => Task.FromResult(PlanCommand.Run(host.Services, parsed.GetValue(job)))));
        root.Add(run);
        root.Add(plan);
        root.Add(CheckpointsCommand.Create(host.Services, Console.Out));
        foreach (var verb in host.Services.GetServices<Command>())
        {
            root.Add(verb);
        }

        // Signals are the host's business: the default here would end the process two seconds after one.
        var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };
        var parsed = root.Parse(WithoutSettings(args));
        int code = await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        return parsed.Errors.Count > 0 ? ExitCode.Configuration : code;
    }

    /// <summary>Takes out what the configuration reads: <c>--Weir:A=b</c>, <c>--Weir:A b</c>, and the same for any other section.</summary>
    internal static string[] WithoutSettings(string[] args)
    {
        var verbs = new List<string>();
        for (int index = 0; index < args.Length; index++)
        {
            if (!args[index].StartsWith('-') || !args[index].Split('=', 2)[0].Contains(':', StringComparison.Ordinal))
            {
                verbs.Add(args[index]);
            }
            else if (!args[index].Contains('=', StringComparison.Ordinal))
            {
                index++;
            }
        }
        return [.. verbs];
    }
}
