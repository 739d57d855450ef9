using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Weir.Runtime;

namespace Weir.Demos;

/// <summary>How one life of a job began.</summary>
/// <param name="Checkpoint">What it continued from; null for the first one.</param>
/// <param name="InFlightRecords">Records of that checkpoint's in-flight data.</param>
internal sealed record LifeBegin(long? Checkpoint, long InFlightRecords);

/// <summary>One life of the ledger as a process of its own, watched by the events it logs.</summary>
internal sealed class JobLife : IDisposable
{
    // Of the engine's log: Runtime/Diagnostics/JobLog.cs.
    private const int FirstStart = 2000;
    private const int Restored = 2001;
    private const int CheckpointCompleted = 2010;

    private readonly Process _process;
    private readonly Channel<(int Event, JsonElement State)> _events = Channel.CreateUnbounded<(int, JsonElement)>();
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private JobLife(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Completes when the process is over.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Starts one.</summary>
    /// <param name="bootstrap">Its Kafka.</param>
    /// <param name="folder">Where its checkpoints lie.</param>
    /// <param name="perSecond">Records a second that each sink subtask takes.</param>
    public static JobLife Start(string bootstrap, string folder, double perSecond)
    {
        // The program itself; where `dotnet` runs it, its first argument says what.
        string program = Environment.ProcessPath!;
        bool isDotnet = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            .. isDotnet ? [Environment.GetCommandLineArgs()[0]] : Array.Empty<string>(),
            "demo", "job", "--per-second", perSecond.ToString(CultureInfo.InvariantCulture),
            $"--Weir:Kafka:BootstrapServers={bootstrap}",
            $"--Weir:Checkpoints:Directory={folder}",
            "--Weir:Management:Enabled=false",
            "--Weir:Jobs:ledger:Enabled=true",
            "--Weir:Jobs:ledger:Parallelism=2",
            "--Weir:Jobs:ledger:CheckpointInterval=200ms",
            "--Weir:Jobs:ledger:AlignedCheckpointTimeout=0s",
            "--Logging:Console:FormatterName=json",
            "--Logging:LogLevel:Weir.Job=Debug",
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        return new JobLife(Process.Start(start)!);
    }

    /// <summary>Waits until it processes.</summary>
    /// <exception cref="JobException">It ended before.</exception>
    public async Task<LifeBegin> BegunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var (id, state) = await NextAsync(cancellation);
            switch (id)
            {
                case FirstStart:
                    return new LifeBegin(null, 0);
                case Restored:
                    return new LifeBegin(Number(state, "CheckpointId"), Number(state, "InFlightRecords"));
            }
        }
    }

    /// <summary>Waits for some checkpoints.</summary>
    /// <returns>The last one's number.</returns>
    /// <exception cref="JobException">It ended before.</exception>
    public async Task<long> CheckpointsAsync(int count, CancellationToken cancellation)
    {
        while (true)
        {
            var (id, state) = await NextAsync(cancellation);
            if (id == CheckpointCompleted && --count == 0)
            {
                return Number(state, "CheckpointId");
            }
        }
    }

    /// <summary>Ends it as a power cut would: nothing of it runs any further.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }
        _process.Dispose();
    }

    private static long Number(JsonElement state, string name) => state.GetProperty(name).GetInt64();

    private async Task<(int Event, JsonElement State)> NextAsync(CancellationToken cancellation)
    {
        try
        {
            return await _events.Reader.ReadAsync(cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new JobException(JobFailure.Permanent, $"The job ended by itself; it said:\n{_said}");
        }
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _events.Writer.TryComplete();
            _ended.TrySetResult();
            return;
        }
        try
        {
            var read = JsonDocument.Parse(line).RootElement;
            _events.Writer.TryWrite((read.GetProperty("EventId").GetInt32(), read.GetProperty("State")));
        }
        catch (JsonException)
        {
            // The last line of a process that was killed may be cut off.
            Keep(line);
        }
    }

    private void Keep(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }
}
