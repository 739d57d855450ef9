using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weir.Hosting;

namespace Weir.Tests.Hosting;

/// <summary>What the command line sees of a running program, and does to it; and that nobody else does.</summary>
public sealed class RunningVerbsTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Status_shows_each_job()
    {
        await using var program = await RunningProgram.StartAsync("numbers", "others");
        var (code, text, _) = await program.AskAsync("status", "--json");

        Assert.Equal(ExitCode.Success, code);
        var status = JsonDocument.Parse(text).RootElement;
        Assert.Equal(program.Store, status.GetProperty("store").GetString());
        var job = status.GetProperty("jobs")[0];
        Assert.Equal(("numbers", "Running", 100L, 0), (job.GetProperty("name").GetString(), job.GetProperty("phase").GetString(), job.GetProperty("recordsIn").GetInt64(), job.GetProperty("restarts").GetInt32()));
        Assert.True(job.GetProperty("uptimeSeconds").GetDouble() >= 0);
        string table = (await program.AskAsync("status", "--url", program.Url)).Output;
        Assert.Contains("others", table, StringComparison.Ordinal);
        Assert.Contains(" for jobs, channels ", table, StringComparison.Ordinal);
        Assert.Contains("none yet", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_savepoint_is_taken_and_the_job_goes_on()
    {
        await using var program = await RunningProgram.StartAsync("numbers");
        var (code, text, errors) = await program.AskAsync("savepoint", "--name", "before-upgrade", "--json");

        Assert.True(code == ExitCode.Success, errors);
        string folder = JsonDocument.Parse(text).RootElement.GetProperty("location").GetString()!;
        Assert.True(Directory.Exists(Path.Combine(program.Store, folder)));
        Assert.Equal("Running", await PhaseAsync(program, "numbers"));
        (code, _, errors) = await program.AskAsync("savepoint", "numbers", "--name", "before-upgrade");
        Assert.NotEqual(ExitCode.Success, code);
        Assert.Contains("before-upgrade", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("savepoint", "numbers", "--stop")]
    [InlineData("savepoint", "numbers", "--drain")]
    [InlineData("stop", "numbers", "--savepoint")]
    [InlineData("stop", "numbers", "--savepoint", "kept")]
    [InlineData("stop", "numbers", "--drain")]
    [InlineData("stop", "numbers")]
    public async Task One_job_is_stopped_and_the_others_go_on(params string[] args)
    {
        await using var program = await RunningProgram.StartAsync("numbers", "others");
        var (code, text, errors) = await program.AskAsync(args);

        Assert.True(code == ExitCode.Success, errors);
        bool takesSavepoint = args.Length > 2;
        Assert.Equal(takesSavepoint, text.Contains("run --from", StringComparison.Ordinal));
        Assert.Equal("Running", await PhaseAsync(program, "others"));
        if (args[0] == "stop")
        {
            Assert.Equal("Ended", await PhaseAsync(program, "numbers"));
        }
    }

    [Fact]
    public async Task Stop_without_a_job_ends_the_program_and_waits_for_it()
    {
        await using var program = await RunningProgram.StartAsync("numbers", "others");
        string url = program.Url;
        var (code, text, errors) = await program.AskAsync("stop");

        Assert.True(code == ExitCode.Success, errors);
        Assert.Contains("has stopped", text, StringComparison.Ordinal);
        await program.EndsAsync();
        (code, _, errors) = await new SettingsScript().RunAsync("status", "--url", url);
        Assert.Equal(ExitCode.Unreachable, code);
        Assert.Contains(url, errors, StringComparison.Ordinal);
        Assert.Contains("Start it with `run`", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_job_that_is_stopped_ends_the_program_and_who_asked_still_hears_it()
    {
        await using var program = await RunningProgram.StartAsync("numbers");
        var (code, text, errors) = await program.AskAsync("stop", "--savepoint", "last");

        Assert.True(code == ExitCode.Success, errors);
        Assert.Contains("Savepoint last of job numbers", text, StringComparison.Ordinal);
        await program.EndsAsync();
    }

    [Theory]
    [InlineData(ExitCode.Configuration, "Several jobs run there", "savepoint")]
    [InlineData(ExitCode.Configuration, "No job 'nobody' runs here", "savepoint", "nobody")]
    [InlineData(ExitCode.Configuration, "No job 'nobody' runs here", "stop", "nobody")]
    [InlineData(ExitCode.Configuration, "is no http address", "status", "--url", "nowhere")]
    [InlineData(ExitCode.Configuration, "name one", "savepoint", "numbers", "--stop", "--drain")]
    [InlineData(ExitCode.Configuration, "never unaligned", "savepoint", "numbers", "--unaligned", "--drain")]
    public async Task What_can_not_be_is_refused_with_what_to_do(int expected, string part, params string[] args)
    {
        await using var program = await RunningProgram.StartAsync("numbers", "others");
        var (code, text, errors) = await program.AskAsync(args);

        Assert.Equal((expected, ""), (code, text));
        Assert.Contains(part, errors, StringComparison.Ordinal);
        Assert.Equal("Running", await PhaseAsync(program, "numbers"));
    }

    [Fact]
    public async Task Nobody_acts_without_the_token_and_nobody_finds_it_in_the_log()
    {
        await using var program = await RunningProgram.StartAsync("numbers");
        string token = await File.ReadAllTextAsync(program.TokenFile, Now);
        using var client = new HttpClient { BaseAddress = new Uri(program.Url) };

        foreach (string? shown in (string?[])[null, "", "wrong", token[1..], new string('0', token.Length), token + "0"])
        {
            foreach (string path in (string[])["/stop", "/jobs/numbers/stop", "/jobs/numbers/savepoint", "/jobs/nobody/stop"])
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path);
                request.Headers.Authorization = shown is null ? null : new AuthenticationHeaderValue("Bearer", shown);
                using var answer = await client.SendAsync(request, Now);
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
                Assert.DoesNotContain(token, await answer.Content.ReadAsStringAsync(Now), StringComparison.Ordinal);
            }
        }
        await program.AskAsync("savepoint", "numbers");
        Assert.Equal("Running", await PhaseAsync(program, "numbers"));
        Assert.Contains(program.Log.Lines, line => line.Contains("Asked by the management port: numbers", StringComparison.Ordinal));
        Assert.DoesNotContain(program.Log.Lines, line => line.Contains(token, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "{")]
    [InlineData(HttpStatusCode.BadRequest, "{\"then\": \"Explode\"}")]
    [InlineData(HttpStatusCode.BadRequest, "{\"path\": \"/etc\"}")]
    [InlineData(HttpStatusCode.BadRequest, "{\"name\": \"\"}")]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, "LONG")]
    public async Task A_body_that_is_not_understood_or_too_long_is_refused(HttpStatusCode expected, string body)
    {
        await using var program = await RunningProgram.StartAsync("numbers");
        using var client = new HttpClient { BaseAddress = new Uri(program.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await File.ReadAllTextAsync(program.TokenFile, Now));
        using var content = new StringContent(body == "LONG" ? $"{{\"name\": \"{new string('x', 20_000)}\"}}" : body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/jobs/numbers/savepoint", UriKind.Relative), content, Now);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Contains("\"error\"", await answer.Content.ReadAsStringAsync(Now), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Startup_is_healthy_once_each_job_has_processed_and_stays_so()
    {
        await using var program = await RunningProgram.StartAsync("numbers", "others");
        using var client = new HttpClient { BaseAddress = new Uri(program.Url) };
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/health/startup", UriKind.Relative), Now));
        await program.AskAsync("stop", "numbers");
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/health/startup", UriKind.Relative), Now));
        using var answer = await client.GetAsync(new Uri("/jobs/numbers/stop", UriKind.Relative), Now);
        Assert.False(answer.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_plan_against_a_savepoint_tells_what_a_start_from_it_would_do()
    {
        await using var program = await RunningProgram.StartAsync("numbers");
        await program.AskAsync("savepoint", "numbers", "--name", "kept");

        var (code, text, _) = await Version("numbers").RunAsync("plan", "numbers", "--against", "kept", "--json");
        Assert.Equal(ExitCode.Success, code);
        var plan = JsonDocument.Parse(text).RootElement;
        Assert.True(plan.GetProperty("fits").GetBoolean());
        Assert.Equal("Kept", plan.GetProperty("findings")[0].GetProperty("action").GetString());
        Assert.Equal(ExitCode.Success, (await Version("numbers").RunAsync("plan", "numbers", "--against")).Code);

        (code, text, _) = await Version("figures").RunAsync("plan", "numbers", "--against", "kept");
        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("refused", text, StringComparison.Ordinal);
        Assert.Contains("state of operator 'numbers'", text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Configuration, (await Version("numbers").RunAsync("plan", "numbers", "--against", "nothing")).Code);

        SettingsScript Version(string source)
        {
            var script = new SettingsScript(("Weir:Checkpoints:Directory", program.Store));
            script.Weir.AddJob("numbers", _ => new RunningProgram.WaitingJob(source));
            return script;
        }
    }

    private static async Task<string?> PhaseAsync(RunningProgram program, string job)
    {
        var (_, text, _) = await program.AskAsync("status", "--json");
        return JsonDocument.Parse(text).RootElement.GetProperty("jobs").EnumerateArray().Single(one => one.GetProperty("name").GetString() == job).GetProperty("phase").GetString();
    }
}
