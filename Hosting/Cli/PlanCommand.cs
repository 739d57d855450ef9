using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace Weir.Hosting;

/// <summary>The verb <c>plan</c>: what would run.</summary>
internal static class PlanCommand
{
    public static Command Create(IServiceProvider services)
    {
        var job = new Argument<string?>("job") { Description = "One job's name; all that run by default.", Arity = ArgumentArity.ZeroOrOne };
        var verb = new Verb("plan", "Print each job's graph as it would run; nothing runs, no broker is asked.", "plan", "plan orders") { job };
        verb.Runs((parsed, _) =>
        {
            foreach (var run in Runs(services, parsed.GetValue(job)))
            {
                parsed.InvocationConfiguration.Output.WriteLine(run.DescribePlan());
                parsed.InvocationConfiguration.Output.WriteLine();
            }
            return Task.FromResult(ExitCode.Success);
        });
        return verb;
    }

    private static IReadOnlyList<JobRun> Runs(IServiceProvider services, string? job)
    {
        var factory = services.GetRequiredService<JobRunFactory>();
        var runs = job is null ? factory.CreateRuns() : factory.Create(job) is { } one ? [one] : [];
        return runs.Count > 0 ? runs : throw factory.NoJob(job);
    }
}
