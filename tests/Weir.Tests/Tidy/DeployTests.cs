using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Weir.Hosting;

namespace Weir.Tests.Tidy;

/// <summary>What eng/deploy and the workflow say of the program is so: they are files that no compiler reads.</summary>
public sealed partial class DeployTests
{
    private const string Folder = "eng/deploy/";

    public static TheoryData<string> Files => [.. SourceTree.Files("").Where(file => file.StartsWith(Folder, StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Files))]
    public void Every_setting_named_is_one_and_has_a_value_it_takes(string file)
    {
        var settings = Setting().Matches(SourceTree.Read(file)).Where(match => match.Groups["value"].Length > 0);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(match => KeyValuePair.Create(match.Groups["name"].Value.Replace("__", ":", StringComparison.Ordinal), (string?)match.Groups["value"].Value)).DistinctBy(setting => setting.Key))
            .Build();
        var options = new WeirOptions();

        new WeirOptionsSetup(configuration).Configure(options);

        Assert.Empty(options.Problems);
    }

    [Fact]
    public void Systemd_gives_up_only_where_the_next_start_would_end_the_same_way()
    {
        int[] codes = [.. Text("weir.service", "RestartPreventExitStatus=([0-9 ]+)").Split(' ').Select(code => int.Parse(code, CultureInfo.InvariantCulture))];

        Assert.Equal([ExitCode.Configuration, ExitCode.DataLoss, ExitCode.Fenced], codes);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/operations.md")]
    public void Every_exit_code_is_documented(string page)
    {
        var codes = typeof(ExitCode).GetFields().Select(field => (int)field.GetRawConstantValue()!);

        Assert.All(codes, code => Assert.Contains($"\n| {code} |", SourceTree.Read(page), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("weir.service", "TimeoutStopSec=([0-9]+)")]
    [InlineData("docker-compose.yml", "stop_grace_period: ([0-9]+)s")]
    [InlineData("kubernetes.yaml", "terminationGracePeriodSeconds: ([0-9]+)")]
    [InlineData("Dockerfile", "--stop-timeout ([0-9]+)")]
    public void Each_one_who_stops_the_program_waits_longer_than_the_one_inside(string file, string limit)
    {
        var outermost = TimeSpan.FromSeconds(int.Parse(Text(file, limit), CultureInfo.InvariantCulture));
        var host = new HostOptions().ShutdownTimeout;

        Assert.True(outermost > host, $"{file} kills after {outermost}, the host stops for {host}");
        Assert.True(host > new WeirOptions().StopTimeout);
    }

    [Fact]
    public void Probes_ask_what_the_port_answers()
    {
        string server = SourceTree.Read("Hosting/Web/ManagementServer.cs");
        var paths = Probe().Matches(SourceTree.Read(Folder + "kubernetes.yaml")).Select(match => match.Groups[1].Value).ToArray();

        Assert.Equal(["/health/startup", "/health/live", "/health/ready"], paths);
        Assert.All(paths, path => Assert.Contains($"\"{path}\"", server, StringComparison.Ordinal));
    }

    [Fact]
    public void An_image_is_made_of_folders_that_are_there_and_of_all_that_the_program_refers_to()
    {
        string[] taken = [.. SourceTree.Read(Folder + "Dockerfile.dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..])];
        var needed = References("Host/Weir.Host.csproj").Select(project => project.Split('/')[0]).Distinct();

        Assert.All(taken, path => Assert.True(Path.Exists(Path.Combine(SourceTree.Root, path)), $"{path} is not there"));
        Assert.Subset(taken.ToHashSet(), needed.ToHashSet());
    }

    [Fact]
    public void All_brokers_in_containers_are_of_one_release()
    {
        const string Image = "apache/kafka:[0-9.]+";
        string tested = Regex.Match(SourceTree.Read("tests/Weir.Tests/Doubles/DockerBroker.cs"), Image).Value;

        Assert.Equal(tested, Regex.Match(SourceTree.Read("docker-compose.kafka.yml"), Image).Value);
    }

    [Fact]
    public void The_workflow_runs_files_that_are_there()
    {
        string[] paths = [.. WorkflowPath().Matches(SourceTree.Read(".github/workflows/ci.yml")).Select(match => match.Value)];

        Assert.Contains(".ci/run", paths);
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(SourceTree.Root, path)), $"{path} is not there"));
    }

    private static string Text(string file, string pattern)
    {
        var match = Regex.Match(SourceTree.Read(Folder + file), pattern);
        Assert.True(match.Success, $"{file} has no {pattern}");
        return match.Groups[1].Value;
    }

    private static IEnumerable<string> References(string project) =>
        ProjectReference().Matches(SourceTree.Read(project))
            .Select(match => Path.GetRelativePath(SourceTree.Root, Path.GetFullPath(Path.Combine(SourceTree.Root, Path.GetDirectoryName(project)!, match.Groups[1].Value))).Replace('\\', '/'))
            .SelectMany(References)
            .Append(project);

    // NAME=value of a unit, a Dockerfile and a script, NAME: value of a compose file, and { name: NAME, value: "value" }.
    [GeneratedRegex("""(?<name>Weir__\w+)(=|: |, value: )["']?(?<value>[^\s"'}\\]*)""")]
    private static partial Regex Setting();

    [GeneratedRegex("httpGet: { path: ([^,]+),")]
    private static partial Regex Probe();

    [GeneratedRegex("ProjectReference Include=\"([^\"]+)\"")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"(?<=[\s=""'])(\.ci|tests|eng|Host|docs)/[\w./-]+\w")]
    private static partial Regex WorkflowPath();
}
