using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Weir.Hosting;

/// <summary>The verb <c>plan</c>: what would run, and with which settings.</summary>
internal static class PlanCommand
{
    public static int Run(IServiceProvider services, string? job)
    {
        var factory = services.GetRequiredService<JobRunFactory>();
        var runs = job is null ? factory.CreateRuns() : factory.Create(job) is { } one ? [one] : [];
        if (runs.Count == 0)
        {
            return RefuseNoJob(services, job);
        }
        Console.WriteLine("Settings (all else has its default):");
        foreach (string line in EffectiveSettings.Describe(services.GetRequiredService<IConfiguration>()))
        {
            Console.WriteLine($"  {line}");
        }
        foreach (var run in runs)
        {
            Console.WriteLine();
            Console.WriteLine(run.DescribePlan());
        }
        return ExitCode.Success;
    }

    public static int RefuseNoJob(IServiceProvider services, string? job)
    {
        string what = job is null ? "No job is to run: name one under Weir:Jobs" : $"There is no job '{job}'";
        Console.Error.WriteLine($"{what}; there are {string.Join(", ", services.GetRequiredService<JobRunFactory>().Names)}.");
        return ExitCode.Configuration;
    }
}
