using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weir.Hosting;
using Weir.Jobs;

namespace Weir.Tests.Hosting;

public sealed class CommandLineTests
{
    [Fact]
    public void Settings_among_the_arguments_are_the_configurations() =>
        Assert.Equal(["plan", "orders"], WeirCommandLine.WithoutSettings(["plan", "--Weir:StopTimeout=5s", "orders", "--Weir:Jobs:orders:Parallelism", "2"]));

    [Fact]
    public void A_flag_does_not_take_the_setting_behind_it_for_its_value()
    {
        string[] args = ["run", "--drop-in-flight", "--Weir:StopTimeout=7s", "--environment", "Production", "--Weir:StuckTimeout", "8s", "--json"];
        Assert.Equal(["run", "--Weir:StopTimeout=7s", "--environment", "Production", "--Weir:StuckTimeout", "8s", "--json"], WeirCommandLine.WithoutFlags(args));
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddWeir();
        Assert.Equal(("7s", "8s"), (builder.Configuration["Weir:StopTimeout"], builder.Configuration["Weir:StuckTimeout"]));
    }

    [Fact]
    public void A_colon_in_what_an_option_is_set_to_makes_no_setting_of_it() =>
        Assert.Equal(["checkpoints", "copy", "x", "--to=azure://c/p"], WeirCommandLine.WithoutSettings(["checkpoints", "copy", "x", "--to=azure://c/p"]));

    [Fact]
    public async Task Settings_that_do_not_fit_end_with_2()
    {
        var script = new SettingsScript(("Weir:Typo", "1"));

        Assert.Equal(ExitCode.Configuration, await script.Builder.Build().RunWeirAsync([]));
    }

    [Theory]
    [InlineData("--first-start", "orders")]
    [InlineData("--first-start")]
    [InlineData("--allow-dropped-state", "orders")]
    [InlineData("--drop-in-flight", "orders")]
    [InlineData("--accept-duplicates")]
    [InlineData("--from", "before the change", "orders")]
    [InlineData("--from", "before the change")]
    public void A_wish_for_one_start_is_one_jobs_and_the_only_ones_by_default(params string[] args)
    {
        using var host = new SettingsScript(("Weir:Jobs:sample:Enabled", "false")).Builder.Build();
        var verb = new System.CommandLine.RootCommand();
        var wishes = StartWishes.AddTo(verb);
        wishes.Apply(verb.Parse(args), host.Services);
        var job = host.Services.GetRequiredService<IOptions<WeirOptions>>().Value.Jobs["orders"];
        Assert.Equal(
            (args[0] == "--first-start", args[0] == "--allow-dropped-state", args[0] == "--drop-in-flight", args[0] == "--accept-duplicates", args[0] == "--from" ? args[1] : null),
            (job.FirstStart, job.AllowDroppedState, job.DropInFlight, job.AcceptDuplicates, job.RestoreFrom));
    }

    [Fact]
    public async Task A_wish_for_a_job_that_does_not_run_here_ends_with_2() =>
        Assert.Equal(ExitCode.Configuration, await new SettingsScript().Builder.Build().RunWeirAsync(["run", "--first-start", "nobody"]));

    [Fact]
    public async Task A_verb_that_is_not_known_ends_with_2() =>
        Assert.Equal(ExitCode.Configuration, await new SettingsScript().Builder.Build().RunWeirAsync(["fly"]));

    [Fact]
    public async Task A_program_whose_jobs_finish_ends_with_0()
    {
        string folder = Directory.CreateTempSubdirectory("weir-").FullName;
        try
        {
            Assert.Equal(ExitCode.Success, await new SettingsScript(("Weir:Checkpoints:Directory", folder)).Builder.Build().RunWeirAsync(["run"]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_job_that_needs_Kafka_where_none_is_configured_ends_with_2()
    {
        var script = new SettingsScript(("Weir:Jobs:orders:Enabled", "false"));
        script.Weir.AddJob("copy", _ => new CopyJob());

        Assert.Equal(ExitCode.Configuration, await script.Builder.Build().RunWeirAsync([]));
    }

    [Theory]
    [InlineData("Weir:Jobs:copy:Sources:inn:Topic", "orders")]
    [InlineData("Weir:Jobs:copy:Sinks:outt:Topic", "orders")]
    [InlineData("Weir:Jobs:copy:CheckpointInterval", "0s")]
    public async Task Settings_that_do_not_fit_the_jobs_graph_end_with_2_before_a_broker_is_asked(string path, string value)
    {
        var script = new SettingsScript(("Weir:Kafka:BootstrapServers", "127.0.0.1:1"), (path, value));
        script.Weir.AddJob("copy", _ => new CopyJob());

        Assert.Equal(ExitCode.Configuration, await script.Builder.Build().RunWeirAsync(["run"]));
    }

    [Fact]
    public async Task A_plan_needs_no_Kafka()
    {
        var script = new SettingsScript();
        script.Weir.AddJob("copy", _ => new CopyJob());

        Assert.Equal(ExitCode.Success, await script.Builder.Build().RunWeirAsync(["plan"]));
    }

    [Fact]
    public async Task A_program_without_a_job_to_run_ends_with_2() =>
        Assert.Equal(ExitCode.Configuration, await new SettingsScript(("Weir:Jobs:orders:Enabled", "false")).Builder.Build().RunWeirAsync(["run"]));
}
