using System.Globalization;
using Weir.StateStore;

namespace Weir.Tests.Simulation;

/// <summary>What the operators of one attempt see of event time, held against what must be true in any order of events.</summary>
/// <remarks>A watermark never goes back, nor below that of the checkpoint it was restored from; and a record that was on time where it got its time is late nowhere.</remarks>
internal sealed class WatermarkLedger
{
    private readonly Dictionary<(string Operator, int Subtask), long> _last = [];

    /// <summary>The first thing that was wrong; null where nothing was.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether a record was on time behind an edge, where a watermark had come.</summary>
    public bool SawOnTime { get; private set; }

    /// <summary>Whether a record was late where it got its time.</summary>
    public bool SawLate { get; private set; }

    /// <summary>Another attempt begins.</summary>
    /// <param name="restored">What it was restored from, if no edge is dealt anew.</param>
    public void Begin(CheckpointMetadata? restored)
    {
        _last.Clear();
        if (restored is null || WasDraining(restored))
        {
            return;
        }
        foreach (var stored in restored.Operators)
        {
            // That of an end is left out: where a job was drained, its sources go on behind it.
            foreach (var subtask in stored.Subtasks.Where(subtask => subtask.Watermark is not null and not long.MaxValue))
            {
                _last.Add((stored.Id, subtask.Index), subtask.Watermark!.Value);
            }
        }
    }

    /// <summary>Whether some sources had ended before their records did: they go on, and what had come further without them waits for them again.</summary>
    private static bool WasDraining(CheckpointMetadata restored) =>
        restored.Operators.SelectMany(stored => stored.Subtasks).Any(subtask => subtask.Finished && subtask.Splits.Any(split => !(split.Position >= split.StopAt)));

    /// <summary>An operator takes a record.</summary>
    public void See(SubtaskInfo subtask, in Token token, long timestamp, long watermark)
    {
        var key = (subtask.Operator, subtask.Index);
        long last = _last.GetValueOrDefault(key, long.MinValue);
        bool isLate = timestamp <= watermark;
        if (watermark < last)
        {
            Fault ??= string.Create(CultureInfo.InvariantCulture, $"{key}: the watermark went back from {last} to {watermark}");
        }
        if (token.IsOnTime && isLate)
        {
            Fault ??= string.Create(CultureInfo.InvariantCulture, $"{key}: record {token.Seq} of {timestamp} was on time, and is late at {watermark}");
        }
        _last[key] = watermark;
        SawOnTime |= token.IsOnTime && watermark > long.MinValue;
    }

    /// <summary>A record gets its time.</summary>
    public void Stamp(bool isLate) => SawLate |= isLate;
}
