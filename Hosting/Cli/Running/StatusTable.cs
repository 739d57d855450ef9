using System.Globalization;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Shows the status of a running program to people.</summary>
internal static class StatusTable
{
    public static void Show(TextTables tables, HostStatus status)
    {
        tables.Table(
            ["job", "phase", "up", "in", "out", "lag", "last checkpoint", "restarts", ""],
            status.Jobs.Select(job => TextTables.Row(
                job.Name,
                new Cell(job.Phase.ToString(), job.Failure is not null ? Tone.Bad : job.Phase == JobPhase.Running ? Tone.Good : Tone.Doubtful),
                job.UptimeSeconds is { } up ? TextTables.Length(TimeSpan.FromSeconds(up)) : "",
                TextTables.Number(job.RecordsIn),
                TextTables.Number(job.RecordsOut),
                job.Lag is { } lag ? TextTables.Number(lag) : "",
                job.LastCheckpoint is { } last ? Describe(last) : "none yet",
                TextTables.Number(job.Restarts),
                new Cell(string.Join("; ", Notes(job)), Tone.Doubtful))));
        if (status.Memory is { } memory)
        {
            tables.Line($"Memory: {SettingText.Size(memory.ProcessBytes)} in the process; of {SettingText.Size(memory.BudgetBytes)} for jobs, {string.Join(", ", memory.Parts.Select(part => $"{part.Part} {SettingText.Size(part.Bytes)} of {SettingText.Size(part.BytesMax)}"))}.");
        }
        tables.Line($"Process {status.ProcessId.ToString(CultureInfo.InvariantCulture)}, Weir {status.Version}, checkpoints in {status.Store}.");
    }

    private static string Describe(LastCheckpoint last)
    {
        string inFlight = last.InFlightRecords == 0 ? "" : $", {SettingText.Size(last.InFlightBytes)} in flight";
        return $"{last.Id.ToString(CultureInfo.InvariantCulture)}, {TextTables.Length(TimeSpan.FromSeconds(last.AgeSeconds))} ago, took {TextTables.Milliseconds(last.DurationMs)}, {last.Mode}, {SettingText.Size(last.StateBytes)}{inFlight}";
    }

    private static IEnumerable<string> Notes(RunningJob job)
    {
        if (job.Failure is { } failure)
        {
            yield return $"failed: {failure}";
        }
        if (job.CheckpointTrouble is { } trouble)
        {
            yield return $"no checkpoint for {TextTables.Length(TimeSpan.FromSeconds(job.UncoveredSeconds))}: {trouble.TrimEnd('.')}";
        }
        if (job.Stuck is { } stuck)
        {
            yield return $"{stuck.Subtask} has been at one record for {TextTables.Length(TimeSpan.FromSeconds(stuck.Seconds))}";
        }
        if (job.Slack is { Level: > SlackLevel.Fine } slack)
        {
            yield return $"what a restart would read next of {slack.Split} is deleted {RestartSlack.Foretold(TimeSpan.FromSeconds(slack.LeftSeconds))}";
        }
        if (job.SpilledBytes > 0)
        {
            yield return $"{SettingText.Size(job.SpilledBytes)} spilled to disk";
        }
    }
}
