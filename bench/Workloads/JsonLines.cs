using System.Diagnostics;
using System.Globalization;
using Weir.Runtime;

namespace Weir.Bench;

/// <summary>Prints what happens to a job as JSON lines, in whole numbers where a script compares them.</summary>
/// <remarks>Thread: the job's control thread, and after the run the main one.</remarks>
internal sealed class JsonLines : IJobObserver
{
    private long _firstRecord;

    /// <summary>Whether an attempt went on from a checkpoint, so that the last one saw a part of the records only.</summary>
    public bool HasRestored { get; private set; }

    public void Started(long? restored, long inFlightRecords)
    {
        if (restored is { } checkpoint)
        {
            HasRestored |= checkpoint > 0;
            Print($$"""{"event":"restored","checkpoint":{{checkpoint}},"inflightRecords":{{inFlightRecords}}}""");
        }
    }

    public void FirstRecord()
    {
        _firstRecord = Stopwatch.GetTimestamp();
        Print($$"""{"event":"started","ms":{{SinceProcessStart().TotalMilliseconds:0}}}""");
    }

    public void CheckpointCompleted(CheckpointReport report) => Print(
        $$"""{"event":"checkpoint","id":{{report.Id}},"ms":{{report.Duration.TotalMilliseconds:0}},"bytes":{{report.StateBytes + report.InFlightBytes}},"inflight":{{report.InFlightBytes}},"files":{{report.Files}}}""");

    public void Done(JobStatus status, long end, bool withFailedCheckpoints)
    {
        double seconds = _firstRecord == 0 ? 0 : Stopwatch.GetElapsedTime(_firstRecord, end).TotalSeconds;
        double rate = seconds > 0 ? status.RecordsOut / seconds : 0;
        string failed = withFailedCheckpoints ? string.Create(CultureInfo.InvariantCulture, $",\"failedCheckpoints\":{status.FailedCheckpoints}") : "";
        Print(
            $$"""{"event":"done","records":{{status.RecordsOut}},"seconds":{{seconds:0.000}},"rate":{{rate:0}},"cpuSeconds":{{Environment.CpuUsage.TotalTime.TotalSeconds:0.00}},"peakRssMb":{{PeakRssMb()}}{{failed}}}""");
    }

    /// <summary>The script that starts this process says when it began; otherwise the system does, to the next 10 ms.</summary>
    private static TimeSpan SinceProcessStart()
    {
        if (long.TryParse(Environment.GetEnvironmentVariable("WEIR_BENCH_STARTED_MICROS"), NumberStyles.None, CultureInfo.InvariantCulture, out long micros))
        {
            return DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch.AddMicroseconds(micros);
        }
        using var process = Process.GetCurrentProcess();
        return DateTime.Now - process.StartTime;
    }

    private static long PeakRssMb()
    {
        const string Peak = "VmHWM:";
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 >> 20;
        }
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Peak, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Peak.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) >> 10;
    }

    private static void Print(FormattableString line) => Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
