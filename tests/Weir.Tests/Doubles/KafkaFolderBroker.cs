using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weir.Tests.Doubles;

/// <summary>A broker started from an unpacked Kafka: one node, a controller of its own, data in a temporary folder, background jobs timed for tests.</summary>
internal sealed class KafkaFolderBroker : IBrokerHome
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string _home;
    private readonly string _folder;
    private Process _process;

    private KafkaFolderBroker(string home, string folder, (int Plain, int Sasl) ports, Process process)
    {
        _home = home;
        _folder = folder;
        _process = process;
        Bootstrap = $"127.0.0.1:{ports.Plain}";
        SaslBootstrap = $"127.0.0.1:{ports.Sasl}";
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
    }

    public string Name => "started from KAFKA_HOME";

    public string Bootstrap { get; }

    public string? SaslBootstrap { get; }

    public static async Task<IBrokerHome> StartAsync() => await StartOwnAsync();

    /// <summary>Starts one that the caller may kill, with what it wishes beyond the shared one.</summary>
    public static async Task<KafkaFolderBroker> StartOwnAsync(BrokerWishes? wishes = null)
    {
        wishes ??= new BrokerWishes();
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        if (string.IsNullOrEmpty(home) || !Directory.Exists(Path.Combine(home, "libs")))
        {
            throw new NoBrokerException("KAFKA_HOME names no folder with libs/");
        }
        string folder = Directory.CreateTempSubdirectory("weir-kafka-").FullName;
        var (port, sasl, controller) = (FreePort(), FreePort(), FreePort());
        string settings = SettingsFile(folder);
        await File.WriteAllTextAsync(settings, Settings(port, sasl, controller, Path.Combine(folder, "data"), wishes));
        await File.WriteAllTextAsync(Path.Combine(folder, "log4j2.properties"), "rootLogger.level=INFO\nrootLogger.appenderRef.out.ref=out\nappender.out.type=Console\nappender.out.name=out\n");
        string cluster = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        using (var format = Java(home, folder, "kafka.tools.StorageTool", ["format", $"--cluster-id={cluster}", "-c", settings, .. wishes.Format]))
        {
            await WaitForLineAsync(format, line: null);
        }
        return new KafkaFolderBroker(home, folder, (port, sasl), await RunAsync(home, folder));
    }

    /// <summary>SIGKILL: clients see their connections break.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has ended, or was disposed after it was killed.
        }
    }

    /// <summary>Starts the killed one again, on the same port and data.</summary>
    public async Task RestartAsync()
    {
        _process.Dispose();
        _process = await RunAsync(_home, _folder);
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task<Process> RunAsync(string home, string folder)
    {
        var broker = Java(home, folder, "kafka.Kafka", SettingsFile(folder));
        await WaitForLineAsync(broker, "Kafka Server started");
        return broker;
    }

    private static string SettingsFile(string folder) => Path.Combine(folder, "node.properties");

    private static Process Java(string home, string folder, string main, params string[] arguments)
    {
        var start = new ProcessStartInfo("java") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] options = ["-Xmx512m", "-Xms64m", "-XX:+UseSerialGC", $"-Dlog4j2.configurationFile={Path.Combine(folder, "log4j2.properties")}", "-cp", Path.Combine(home, "libs", "*"), main];
        foreach (string argument in options.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new NoBrokerException("KAFKA_HOME is set, but there is no java on the path");
        }
    }

    /// <summary>Waits for a line of output, or for the end; goes on reading afterwards, so that the process never waits for us.</summary>
    private static async Task WaitForLineAsync(Process process, string? line)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tail = new Queue<string>();
        void Read(string? text)
        {
            lock (tail)
            {
                tail.Enqueue(text ?? "");
                if (tail.Count > 20)
                {
                    tail.Dequeue();
                }
            }
            if (line is not null && text?.Contains(line, StringComparison.Ordinal) == true)
            {
                seen.TrySetResult();
            }
        }
        process.OutputDataReceived += (_, e) => Read(e.Data);
        process.ErrorDataReceived += (_, e) => Read(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = process.WaitForExitAsync();
        var first = await Task.WhenAny(seen.Task, ended).WaitAsync(StartTimeout);
        if (first == ended && (line is not null || process.ExitCode != 0))
        {
            lock (tail)
            {
                throw new NoBrokerException($"Kafka from KAFKA_HOME ended: {string.Join('\n', tail)}");
            }
        }
    }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Settings(int port, int sasl, int controller, string data, BrokerWishes wishes) => $"""
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:{controller}
        listeners=PLAINTEXT://127.0.0.1:{port},SASL://127.0.0.1:{sasl},CONTROLLER://127.0.0.1:{controller}{string.Concat(wishes.Listeners.Select(more => $",{more.Name}://127.0.0.1:{more.Port}"))}
        advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL://127.0.0.1:{sasl}{string.Concat(wishes.Listeners.Select(more => $",{more.Name}://127.0.0.1:{more.Port}"))}
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT{string.Concat(wishes.Listeners.Select(more => $",{more.Name}:{more.Protocol}"))}
        controller.listener.names=CONTROLLER
        inter.broker.listener.name=PLAINTEXT
        sasl.enabled.mechanisms=PLAIN
        listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_weir="right";
        log.dirs={data}
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=4
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=4
        share.coordinator.state.topic.replication.factor=1
        group.initial.rebalance.delay.ms=0
        log.retention.check.interval.ms=1000
        log.segment.delete.delay.ms=1000
        log.initial.task.delay.ms=1000
        log.cleaner.backoff.ms=1000
        transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
        num.network.threads=2
        num.io.threads=2
        {string.Join('\n', wishes.Settings)}
        """;
}

/// <summary>What a broker of one's own has beyond the shared one.</summary>
internal sealed record BrokerWishes
{
    /// <summary>Further listeners, by the names that settings know them by.</summary>
    public IReadOnlyList<(string Name, string Protocol, int Port)> Listeners { get; init; } = [];

    /// <summary>Lines of its settings, which override.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Arguments for the formatting of its storage.</summary>
    public IReadOnlyList<string> Format { get; init; } = [];
}
