using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Weir.Hosting;
using Weir.Jobs;
using Weir.Tests.Connectors;
using Weir.Tests.Doubles;

namespace Weir.Tests.Hosting;

/// <summary>Each line of the doctor, on brokers and stores that are as they should be, and on such that are not.</summary>
public abstract class DoctorTests(TestBroker broker) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-doctor-").FullName;

    [Fact]
    public async Task All_is_well_where_all_is_there()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (code, found) = await LookAsync(kafka.Bootstrap, await kafka.TopicAsync(2), await kafka.TopicAsync(2));

        Assert.Equal(ExitCode.Success, code);
        Assert.DoesNotContain(found, line => line.Verdict == "Fail");
        Assert.All(
            (string[])["settings", "job copy", "memory", "store", "disk", "brokers", "transactions", "commits of copy"],
            check => Assert.Contains(found, line => line.Check == check && line.Verdict is "Pass" or "Unknown"));
        Assert.False(Directory.Exists(Path.Combine(_folder, "store", "doctor-probe")));
    }

    [Fact]
    public async Task Topics_that_do_not_fit_are_named_with_what_to_do()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string input = await kafka.TopicAsync(1, ("retention.ms", "1000"));
        string output = await kafka.TopicAsync(1, ("max.message.bytes", "1000"));
        var (code, found) = await LookAsync(kafka.Bootstrap, input, output);

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains($"Raise retention.ms of {input}", One($"source {input}", "Fail"), StringComparison.Ordinal);
        Assert.Contains($"raise max.message.bytes of {output}", One($"sink {output}", "Warn"), StringComparison.Ordinal);

        (code, found) = await LookAsync(kafka.Bootstrap, "nowhere", "nowhere-either");
        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("Sources:in:Topic", One("source nowhere", "Fail"), StringComparison.Ordinal);
        Assert.Contains("CreateTopic", One("sink nowhere-either", "Fail"), StringComparison.Ordinal);

        string One(string check, string verdict) => Assert.Single(found, line => line.Check == check && line.Verdict == verdict).Fix!;
    }

    [Fact]
    public async Task A_commits_topic_that_forgets_and_a_transaction_that_the_brokers_do_not_allow_fail()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string commits = await kafka.TopicAsync(1, ("cleanup.policy", "delete"));
        var (code, found) = await LookAsync(
            kafka.Bootstrap,
            await kafka.TopicAsync(1),
            await kafka.TopicAsync(1),
            script => script.Builder.Services.Configure<WeirOptions>(options =>
            {
                options.Kafka.CommitsTopic.Name = commits;
                options.Kafka.UploadBudget = TimeSpan.FromHours(1);
            }));

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains(found, line => line is { Check: "commits of copy", Verdict: "Fail" } && line.Found.Contains("only compact keeps", StringComparison.Ordinal));
        Assert.Contains(found, line => line.Check == "transactions" && line.Verdict is "Fail" or "Unknown");
    }

    [Theory]
    [InlineData(0, "Pass")]
    [InlineData(60, "Warn")]
    public async Task A_transaction_that_stayed_open_longer_than_any_of_the_job_is_said(int minutes, string expected)
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.Bootstrap, TransactionalId = $"dead-{kafka.Job}", LingerMs = 0 }).Build();
        producer.InitTransactions(KafkaScript.Hang);
        producer.BeginTransaction();
        await producer.ProduceAsync(output, new Message<Null, string> { Value = "never committed", Timestamp = new Timestamp(DateTimeOffset.UtcNow.AddMinutes(-minutes)) }, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await VerdictAsync());
        producer.AbortTransaction(KafkaScript.Hang);
        Assert.Equal("Pass", await VerdictAsync());

        async Task<string> VerdictAsync()
        {
            var (_, found) = await LookAsync(kafka.Bootstrap, input, output);
            return Assert.Single(found, line => line.Check == $"open transactions in {output}").Verdict;
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(_folder, recursive: true);
    }

    internal static List<Line> LinesOf(string json) => [.. JsonDocument.Parse(json).RootElement.EnumerateArray().Select(line => new Line(
        line.GetProperty("check").GetString()!, line.GetProperty("verdict").GetString()!, line.GetProperty("found").GetString()!, line.TryGetProperty("fix", out var fix) ? fix.GetString() : null))];

    private async Task<(int Code, List<Line> Found)> LookAsync(string bootstrap, string input, string output, Action<SettingsScript>? setUp = null)
    {
        var script = new SettingsScript(
            ("Weir:Kafka:BootstrapServers", bootstrap), ("Weir:Checkpoints:Directory", Path.Combine(_folder, "store")), ("Weir:Jobs:copy:Sources:in:Topic", input), ("Weir:Jobs:copy:Sinks:out:Topic", output));
        script.Weir.AddJob("copy", _ => new CopyJob());
        script.Builder.Services.AddSingleton(new FreeSpace(_ => 100L << 30));
        setUp?.Invoke(script);
        var (code, text, _) = await script.RunAsync("doctor", "--json").WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken);
        return (code, LinesOf(text));
    }

    internal sealed record Line(string Check, string Verdict, string Found, string? Fix);
}

public sealed class DoctorTestsOnSandbox(SandboxBroker broker) : DoctorTests(broker);

public sealed class DoctorTestsOnKafka(RealBroker broker) : DoctorTests(broker);

/// <summary>What needs no broker, or rests on there being none.</summary>
public sealed class DoctorWithoutKafkaTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-doctor-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_dead_broker_is_one_line_and_3()
    {
        var script = Script(("Weir:Kafka:BootstrapServers", "127.0.0.1:1"));
        var (code, text, errors) = await script.RunAsync("doctor", "--json").WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Unreachable, code);
        var away = Assert.Single(DoctorTests.LinesOf(text), line => line.Verdict == "Fail");
        Assert.Equal("brokers", away.Check);
        Assert.Contains("127.0.0.1:1", away.Found, StringComparison.Ordinal);
        Assert.DoesNotContain('{', errors);
    }

    [Theory]
    [InlineData(100L << 30, "Pass", ExitCode.Success)]
    [InlineData(1L << 30, "Warn", ExitCode.Success)]
    [InlineData(0L, "Fail", ExitCode.Unreachable)]
    public async Task A_disk_that_fills_is_said_before_it_is_full(long free, string verdict, int expected)
    {
        var script = Script();
        script.Builder.Services.AddSingleton(new FreeSpace(_ => free));
        var (code, text, _) = await script.RunAsync("doctor", "--json");

        Assert.Equal(expected, code);
        Assert.Single(DoctorTests.LinesOf(text), line => line.Check == "disk" && line.Verdict == verdict);
    }

    [Fact]
    public async Task A_store_that_takes_nothing_fails_with_3()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "store"), "a file, no folder", TestContext.Current.CancellationToken);
        var (code, text, _) = await Script().RunAsync("doctor");

        Assert.Equal(ExitCode.Unreachable, code);
        Assert.Contains("fail", text, StringComparison.Ordinal);
        Assert.Contains("Weir:Checkpoints", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_do_not_fit_are_all_that_is_looked_at()
    {
        var (code, text, _) = await Script(("Weir:Typo", "1")).RunAsync("doctor", "--json");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("Weir:Typo", Assert.Single(DoctorTests.LinesOf(text)).Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_needs_a_Kafka_where_none_is_configured_fails_with_2()
    {
        var script = Script();
        script.Weir.AddJob("copy", _ => new CopyJob());
        var (code, text, _) = await script.RunAsync("doctor", "--json");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Single(DoctorTests.LinesOf(text), line => line is { Check: "brokers", Verdict: "Fail" });
    }

    private SettingsScript Script(params (string, string?)[] settings) => new([("Weir:Checkpoints:Directory", Path.Combine(_folder, "store")), .. settings]);
}
