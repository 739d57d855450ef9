using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Weir.Chaos;

/// <summary>One life of a job as a process of its own, with the lines it prints.</summary>
internal sealed class WeirProcess : IAsyncDisposable
{
    /// <summary>The environment of a host that nobody said anything else to.</summary>
    public const string Production = "Production";

    private readonly Process _process;
    private readonly BlockingCollection<JsonElement> _events = [];
    private readonly List<string> _errors = [];
    private readonly List<(string Text, TaskCompletionSource Said)> _awaited = [];

    private WeirProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>In-flight records of the checkpoint it was restored from; null until that is known.</summary>
    public long? RestoredInFlight { get; private set; }

    /// <summary>The lines it wrote for people.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>The bench's ledger, which prints its events.</summary>
    public static WeirProcess StartLedger(LedgerTopics topics, string folder, double recordsPerSecondPerSubtask, int parallelism = 4) => Start(
        Built("BenchProgram"),
        Production,
    [
        "ledger", "--bootstrap", topics.Bootstrap, "--in", topics.Input, "--out", topics.Output, "--bounded", "--dir", folder,
        "--parallelism", Text(parallelism), "--interval", "200", "--mode", "unaligned", "--throttle", Text(recordsPerSecondPerSubtask),
        .. topics.DeadLetters is { } letters ? ["--dead-letters", letters] : Array.Empty<string>(),
    ]);

    /// <summary>The host with one job, as a service would have it.</summary>
    public static WeirProcess StartHost(LedgerTopics topics, string folder, params IEnumerable<string> more) => Start(
        Built("HostProgram"),
        Production,
    [
        $"--Weir:Kafka:BootstrapServers={topics.Bootstrap}",
        $"--Weir:Checkpoints:Directory={folder}",
        "--Weir:Management:Enabled=false",
        "--Weir:Jobs:ledger:CheckpointInterval=200ms",
        $"--Weir:Jobs:ledger:Sources:in:Topic={topics.Input}",
        $"--Weir:Jobs:ledger:Sinks:out:Topic={topics.Output}",
        .. more,
    ]);

    /// <summary>The host with a ledger whose sinks are slow, as its demonstration of crashes runs it; it starts again at once where it fails.</summary>
    public static WeirProcess StartSlowHost(LedgerTopics topics, string folder, double recordsPerSecondPerSubtask) => Start(
        Built("HostProgram"),
        Production,
    [
        "demo", "job", "--per-second", Text(recordsPerSecondPerSubtask),
        $"--Weir:Kafka:BootstrapServers={topics.Bootstrap}",
        $"--Weir:Checkpoints:Directory={folder}",
        "--Weir:Management:Enabled=false",
        "--Weir:Jobs:ledger:Parallelism=2",
        "--Weir:Jobs:ledger:CheckpointInterval=100ms",
        "--Weir:Jobs:ledger:AlignedCheckpointTimeout=50ms",
        "--Weir:Jobs:ledger:Restart:Strategy=Fixed",
        "--Weir:Jobs:ledger:Restart:InitialDelay=100ms",
        $"--Weir:Jobs:ledger:Sources:in:Topic={topics.Input}",
        "--Weir:Jobs:ledger:Sources:in:End=Current",
        $"--Weir:Jobs:ledger:Sinks:out:Topic={topics.Output}",
    ]);

    /// <summary>A program with a job that misbehaves as its settings say, as a service would have it.</summary>
    /// <param name="folder">Its checkpoints.</param>
    /// <param name="settings">More of them.</param>
    /// <param name="environment">More of what is set.</param>
    public static WeirProcess StartFaulty(string folder, string[] settings, Dictionary<string, string>? environment = null) =>
        Start(Built("FaultyProgram"), Production, FaultyArguments(folder, settings), environment);

    /// <summary>The same as systemd starts a service: the host looks at its parent's name.</summary>
    /// <param name="folder">Its checkpoints.</param>
    /// <param name="settings">More of them.</param>
    /// <param name="socket">Where systemd listens.</param>
    /// <param name="watchdog">How soon it is to be told that the service lives.</param>
    public static WeirProcess StartFaultyService(string folder, string[] settings, string socket, TimeSpan watchdog) => Start(
        ShellNamedSystemd(folder),
        ["-c", "dotnet \"$0\" \"$@\" & trap \"kill -TERM $!\" TERM; wait $!; code=$?; while kill -0 $! 2> /dev/null; do wait $!; code=$?; done; exit $code", Built("FaultyProgram"), .. FaultyArguments(folder, settings)],
        new()
        {
            ["DOTNET_ENVIRONMENT"] = Production,
            ["NOTIFY_SOCKET"] = socket,
            ["WATCHDOG_USEC"] = $"{watchdog.TotalMicroseconds:0}",
        });

    /// <summary>The host as a newcomer has it, with arguments and nothing set up.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="environment">What the host takes itself for: <see cref="Production"/>, or what `dotnet run` says.</param>
    /// <param name="arguments">Its own.</param>
    public static WeirProcess StartBare(string program, string environment, params string[] arguments) => Start(program, environment, arguments);

    /// <summary>The path of a program that was built with these tests.</summary>
    public static string Built(string name) => typeof(WeirProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == name).Value!;

    /// <summary>Completes when it says something, now or earlier, in a line for people.</summary>
    public Task Says(string text)
    {
        lock (_errors)
        {
            if (_errors.Exists(line => line.Contains(text, StringComparison.Ordinal)))
            {
                return Task.CompletedTask;
            }
            var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((text, said));
            return said.Task;
        }
    }

    /// <summary>Waits for a line; false when the process ended first, or the time was over.</summary>
    public bool Await(string name, TimeSpan patience)
    {
        var waited = Stopwatch.StartNew();
        while (patience - waited.Elapsed is { Ticks: > 0 } left && _events.TryTake(out var line, left))
        {
            if (line.GetProperty("event").GetString() == name)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>SIGKILL: nothing of it runs any further.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal("-TERM");

    /// <summary>SIGSTOP: it stands still in the middle of whatever it does.</summary>
    public void Pause() => Signal("-STOP");

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public void GoOn() => Signal("-CONT");

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitCodeAsync(TimeSpan patience)
    {
        await _process.WaitForExitAsync().WaitAsync(patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }
        _process.Dispose();
        _events.Dispose();
    }

    private static string ShellNamedSystemd(string folder)
    {
        Directory.CreateDirectory(folder);
        return File.CreateSymbolicLink(Path.Combine(folder, "systemd"), "/bin/sh").FullName;
    }

    private static string[] FaultyArguments(string folder, string[] settings) =>
        [$"--Weir:Checkpoints:Directory={folder}", "--Weir:Management:Enabled=false", "--Weir:Jobs:faulty:CheckpointInterval=200ms", .. settings];

    private static WeirProcess Start(string program, string environment, string[] arguments, Dictionary<string, string>? variables = null) =>
        Start("dotnet", [program, .. arguments], new(variables ?? []) { ["DOTNET_ENVIRONMENT"] = environment });

    private static WeirProcess Start(string command, string[] arguments, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(command) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        return new WeirProcess(Process.Start(start)!);
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [name, Text(_process.Id)]);
        kill.WaitForExit();
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private void Read(string? line)
    {
        if (line is null)
        {
            _events.CompleteAdding();
            return;
        }
        try
        {
            var read = JsonDocument.Parse(line).RootElement;
            if (read.GetProperty("event").GetString() == "restored")
            {
                RestoredInFlight = read.GetProperty("inflightRecords").GetInt64();
            }
            _events.Add(read);
        }
        catch (JsonException)
        {
            // The last line of a process that was killed may be cut off.
            Keep(line);
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }
        lock (_errors)
        {
            _errors.Add(line);
            foreach (var (_, said) in _awaited.FindAll(awaited => line.Contains(awaited.Text, StringComparison.Ordinal)))
            {
                said.TrySetResult();
            }
        }
    }
}
