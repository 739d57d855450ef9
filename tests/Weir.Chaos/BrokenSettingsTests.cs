using System.Net;
using System.Net.Sockets;

namespace Weir.Chaos;

/// <summary>What who set something wrong reads, from the real program: what is wrong, where, and what to do.</summary>
public sealed class BrokenSettingsTests : IDisposable
{
    private const string Kafka = "--Weir:Kafka:BootstrapServers=127.0.0.1:1";

    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-broken-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Weir:Kafka:BootstrapServers", "no Kafka at all")]
    [InlineData("Weir:Jobs:ledger:Paralelism is not a setting: remove it, or correct its name", "a typo", Kafka, "--Weir:Jobs:ledger:Paralelism=2")]
    [InlineData("Weir:StopTimeout is '10', which is not a duration such as 00:00:10 or 10s", "a duration without a unit", Kafka, "--Weir:StopTimeout=10")]
    [InlineData("Weir:Jobs:ledger:MaxInFlightBytes is '1 lorry', which is not a size such as 64MiB", "a size without a unit", Kafka, "--Weir:Jobs:ledger:MaxInFlightBytes=1 lorry")]
    [InlineData("Weir:Jobs:ledger:CheckpointMode is 'Sometimes', which is not one of", "an enum's unknown word", Kafka, "--Weir:Jobs:ledger:CheckpointMode=Sometimes")]
    [InlineData("Weir:Jobs:ledger:Parallelism is 0, which is out of range: set it to 1 up to", "out of range", Kafka, "--Weir:Jobs:ledger:Parallelism=0")]
    [InlineData("more than MaxParallelism (128)", "more subtasks than key groups", Kafka, "--Weir:Jobs:ledger:Parallelism=129")]
    [InlineData("the host gives up after its ShutdownTimeout", "a stop longer than the host's", Kafka, "--Weir:StopTimeout=31s")]
    [InlineData("InitialDelay is 00:02:00, longer than MaxDelay", "delays the wrong way round", Kafka, "--Weir:Jobs:ledger:Restart:InitialDelay=2min")]
    [InlineData("is for a job that this program does not have: correct the name", "a job's name", Kafka, "--Weir:Jobs:legder:Parallelism=2")]
    [InlineData("is for a source that the job does not have: correct the name", "a source's name", Kafka, "--Weir:Jobs:ledger:Sources:inn:Topic=x")]
    [InlineData("is for a sink that the job does not have: correct the name", "a sink's name", Kafka, "--Weir:Jobs:ledger:Sinks:outt:Topic=x")]
    [InlineData("what sink out writes would never become visible", "exactly-once without checkpoints", Kafka, "--Weir:Jobs:ledger:CheckpointInterval=0s")]
    [InlineData("enable.auto.commit", "a client setting that Weir owns", Kafka, "--Weir:Kafka:Client:enable.auto.commit=true")]
    [InlineData("Client:IsolationLevel can't be set: records of open transactions must not be read", "the same in its other spelling", Kafka, "--Weir:Kafka:Client:IsolationLevel=read_uncommitted")]
    [InlineData("fetch.wait.max.msec", "a client setting that does not exist", Kafka, "--Weir:Kafka:Client:fetch.wait.max.msec=5", "--Weir:Kafka:StartupTimeout=1s")]
    [InlineData("write numbers and ranges, such as 0-3,7", "partitions", Kafka, "--Weir:Jobs:ledger:Sources:in:Partitions:in=all")]
    [InlineData("Weir:Management:Url is 'here', which is no http address", "an address", Kafka, "--Weir:Management:Url=here")]
    [InlineData("both say where the account is: remove one of them", "two accounts", Kafka, "--Weir:Checkpoints:Azure:ServiceUri=https://a.blob.core.windows.net", "--Weir:Checkpoints:Azure:ConnectionString=x")]
    [InlineData("which is no container's name", "a container's name", Kafka, "--Weir:Checkpoints:Azure:Container=UPPER")]
    [InlineData("AlignedCheckpointTimeout is set, and CheckpointMode is Aligned", "settings that exclude each other", Kafka, "--Weir:Jobs:ledger:CheckpointMode=Aligned", "--Weir:Jobs:ledger:AlignedCheckpointTimeout=1s")]
    [InlineData("Weir:Memory is 64 MiB, which is too little: channels have", "less memory than the job needs", Kafka, "--Weir:Memory=64MiB")]
    [InlineData("No job is to run", "nothing to run", Kafka, "--Weir:Jobs:ledger:Enabled=false")]
    public async Task What_is_wrong_is_said_and_ends_with_2(string says, string what, params string[] arguments)
    {
        await using var life = Start(arguments);
        int code = await life.ExitCodeAsync(s_hang);
        string line = life.Errors.Split('\n').FirstOrDefault(line => line.Contains(says, StringComparison.Ordinal)) ?? "";
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {line.Trim()}");
        Assert.True(code == 2 && line.Length > 0, $"{what}: exit code {code} instead of 2 and '{says}': {life.Errors}");
        Assert.DoesNotContain("   at Weir.", life.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_another_has_ends_with_2()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var life = Start(Kafka, "--Weir:Management:Enabled=true", $"--Weir:Management:Url=http://127.0.0.1:{port}");
        Assert.Equal(2, await life.ExitCodeAsync(s_hang));
        Assert.Contains($"The management port can't be opened at http://127.0.0.1:{port}", life.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_can_not_be_made_is_named_and_waited_for()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        await using var life = WeirProcess.StartFaulty(file, []);
        await life.Says($"{file}/faulty").WaitAsync(s_hang, TestContext.Current.CancellationToken);
        File.Delete(file);
        await life.Says("Job faulty starts for the first time").WaitAsync(s_hang, TestContext.Current.CancellationToken);
    }

    private WeirProcess Start(params string[] arguments) => WeirProcess.StartBare(
        WeirProcess.Built("HostProgram"), WeirProcess.Production, [$"--Weir:Checkpoints:Directory={_folder}/checkpoints", "--Weir:Management:Enabled=false", .. arguments]);
}
