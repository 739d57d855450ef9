using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Weir.Hosting;

/// <summary>The verbs of a program that has Weir's jobs.</summary>
internal static class WeirCommandLine
{
    /// <summary>On the process's own output.</summary>
    public static Task<int> InvokeAsync(IHost host, string[] args) =>
        InvokeAsync(host, args, new InvocationConfiguration());

    /// <param name="host">The program.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="invocation">Where it writes.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> InvokeAsync(IHost host, string[] args, InvocationConfiguration invocation)
    {
        // Signals are the host's business: the default here would end the process two seconds after one.
        invocation.ProcessTerminationTimeout = null;
        var parsed = Create(host).Parse(WithoutSettings(args));
        int code = await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        return parsed.Errors.Count > 0 && parsed.Action is not ExamplesInHelp ? ExitCode.Configuration : code;
    }

    private static RootCommand Create(IHost host)
    {
        var services = host.Services;
        var root = new RootCommand("Runs Kafka stream jobs with exactly-once checkpoints. Without a verb: run. Any setting may follow as --Weir:Path=value.");
        var run = new Verb("run", "Run the jobs until they finish, or until SIGTERM or Ctrl-C: then a last checkpoint is taken and committed.", "run", "run --Weir:Jobs:orders:Parallelism=4", "run --from before-upgrade orders");
        foreach (var starting in (Command[])[run, root])
        {
            var wishes = StartWishes.AddTo(starting);
            starting.SetAction((parsed, cancellation) => Refusals.CatchAsync(parsed, () =>
            {
                wishes.Apply(parsed, services);
                return RunCommand.RunAsync(host, cancellation);
            }));
        }
        Command[] verbs =
        [
            run, JobsCommand.Create(services), PlanCommand.Create(services), ConfigCommand.Create(services), CheckpointsCommand.Create(services), .. RunningVerbs.Create(services), DoctorCommand.Create(services), .. services.GetServices<Command>(),
        ];
        foreach (var verb in verbs)
        {
            root.Add(verb);
        }
        ExamplesInHelp.AddTo(root);
        return root;
    }

    /// <summary>Takes out what the configuration reads: <c>--Weir:A=b</c>, <c>--Weir:A b</c>, and the same for any other section.</summary>
    internal static string[] WithoutSettings(string[] args)
    {
        var verbs = new List<string>();
        for (int index = 0; index < args.Length; index++)
        {
            if (!IsSetting(args[index]))
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

    /// <summary>Takes out flags that would take the setting behind them for their value: the configuration knows none that has no value.</summary>
    internal static string[] WithoutFlags(string[] args) => [.. args.Where((arg, index) => !(IsFlag(arg) && index + 1 < args.Length && IsSetting(args[index + 1])))];

    private static bool IsFlag(string arg) => arg.StartsWith('-') && !arg.Contains('=', StringComparison.Ordinal) && !IsSetting(arg);

    private static bool IsSetting(string arg) => arg.StartsWith('-') && arg.Split('=', 2)[0].Contains(':', StringComparison.Ordinal);
}
