using System.Text.Json;
using Weir.Hosting;

namespace Weir.Tests.Hosting;

/// <summary>The verbs that ask nobody but the program itself.</summary>
public sealed class VerbsTests
{
    [Fact]
    public async Task Jobs_lists_what_the_program_has_with_topics_and_whether_it_runs()
    {
        var script = new SettingsScript(("Weir:Jobs:copy:Sources:in:Topic", "orders"));
        script.Weir.AddJob("copy", _ => new Weir.Jobs.CopyJob());

        var (code, text, _) = await script.RunAsync("jobs", "--json");

        Assert.Equal(ExitCode.Success, code);
        var jobs = JsonDocument.Parse(text).RootElement.EnumerateArray().ToDictionary(job => job.GetProperty("name").GetString()!);
        Assert.Equal((true, false, true), (Runs("orders"), Runs("sample"), Runs("copy")));
        Assert.Equal("orders", jobs["copy"].GetProperty("sources")[0].GetProperty("topics")[0].GetString());
        Assert.Equal("out", jobs["copy"].GetProperty("sinks")[0].GetProperty("topic").GetString());
        Assert.Contains("sample", (await script.RunAsync("jobs")).Output, StringComparison.Ordinal);

        bool Runs(string job) => jobs[job].GetProperty("runs").GetBoolean();
    }

    [Fact]
    public async Task A_job_whose_settings_do_not_fit_is_listed_with_the_reason()
    {
        var script = new SettingsScript(("Weir:Jobs:copy:Sources:inn:Topic", "orders"));
        script.Weir.AddJob("copy", _ => new Weir.Jobs.CopyJob());

        Assert.Contains("Sources:inn is for a source that the job does not have", (await script.RunAsync("jobs")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_prints_settings_with_their_layers_and_plan_prints_none()
    {
        var script = new SettingsScript(("Weir:StopTimeout", "5s"), ("Weir:Kafka:Client:sasl.password", "hunter2"));
        var (code, text, _) = await script.RunAsync("config", "--set", "--json");

        Assert.Equal(ExitCode.Success, code);
        Assert.Equal(["Weir:Kafka:Client:sasl.password", "Weir:StopTimeout"], JsonDocument.Parse(text).RootElement.EnumerateArray().Select(setting => setting.GetProperty("setting").GetString()));
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        string all = (await script.RunAsync("config")).Output;
        Assert.Contains("Weir:Jobs:orders:CheckpointInterval", all, StringComparison.Ordinal);
        Assert.DoesNotContain("Weir:Jobs:sample", all, StringComparison.Ordinal);
        Assert.DoesNotContain("StopTimeout", (await script.RunAsync("plan")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_do_not_fit_are_shown_all_the_same()
    {
        var (code, text, errors) = await new SettingsScript(("Weir:StopTimeout", "5s"), ("Weir:Typo", "1")).RunAsync("config", "--set");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("Weir:StopTimeout", text, StringComparison.Ordinal);
        Assert.Contains("Weir:Typo is not a setting", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_for_a_terminal_has_no_colours() =>
        Assert.DoesNotContain("\u001b", (await new SettingsScript(("Weir:Jobs:orders:Sources:inn:Topic", "orders")).RunAsync("jobs")).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("run")]
    [InlineData("jobs")]
    [InlineData("plan")]
    [InlineData("config")]
    [InlineData("doctor")]
    [InlineData("status")]
    [InlineData("savepoint")]
    [InlineData("stop")]
    [InlineData("checkpoints", "list")]
    [InlineData("checkpoints", "show")]
    [InlineData("checkpoints", "verify")]
    [InlineData("checkpoints", "copy")]
    public async Task Each_verb_has_an_example_in_its_help(params string[] verb)
    {
        var (code, text, _) = await new SettingsScript().RunAsync([.. verb, "--help"]);

        Assert.Equal(ExitCode.Success, code);
        Assert.Contains($" {string.Join(' ', verb)}", text[text.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_a_sentence_on_stderr_and_nothing_else()
    {
        var (code, text, errors) = await new SettingsScript().RunAsync("plan", "nobody");

        Assert.Equal((ExitCode.Configuration, "", "There is no job 'nobody'; there are orders, sample."), (code, text, errors.TrimEnd()));
    }
}
