using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Weir.Hosting;

/// <summary>The verb <c>config</c>: which settings are in force, and who said so.</summary>
internal static class ConfigCommand
{
    public static Command Create(IServiceProvider services)
    {
        var set = new Option<bool>("--set") { Description = "Only what somebody set: leaves the defaults out." };
        var verb = new Verb("config", "Print every setting in force, with the layer it came from, secrets masked.", "config", "config --set --Weir:StopTimeout=20s", "config --json") { set };
        return verb.Shows((parsed, cancellation) =>
        {
            var options = Read(services);
            var settings = EffectiveSettings.Of(options, services.GetRequiredService<IConfiguration>()).Where(setting => setting.From != EffectiveSetting.Default || !parsed.GetValue(set)).ToList();
            verb.Write(parsed, settings, VerbsJson.Default.IReadOnlyListEffectiveSetting, tables =>
                tables.Table(["setting", "value", "from"], settings.Select(setting => TextTables.Row(setting.Setting, setting.Value, setting.From))));

            // Shown first: who is told that a setting does not fit looks for it here.
            _ = services.GetRequiredService<IOptions<WeirOptions>>().Value;
            return Task.FromResult(ExitCode.Success);
        });
    }

    /// <summary>The options unchecked, with those of the jobs that run without any.</summary>
    private static WeirOptions Read(IServiceProvider services)
    {
        var factory = new OptionsFactory<WeirOptions>(services.GetServices<IConfigureOptions<WeirOptions>>(), services.GetServices<IPostConfigureOptions<WeirOptions>>(), validations: []);
        var options = factory.Create(Options.DefaultName);
        foreach (var job in services.GetServices<JobRegistration>().Where(job => job.Runs(options)))
        {
            options.Jobs.TryAdd(job.Name, new JobOptions());
        }
        return options;
    }
}
