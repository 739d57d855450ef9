using System.Globalization;
using Weir.StateStore;
using static Weir.Hosting.TextTables;

namespace Weir.Hosting;

/// <summary>Shows checkpoints to people.</summary>
internal sealed class CheckpointTables(TextTables tables)
{
    public void List(IReadOnlyList<CheckpointEntry> entries, string location)
    {
        if (entries.Count == 0)
        {
            Line($"There are no checkpoints in {location}.");
            return;
        }
        tables.Table(
            ["folder", "kind", "taken", "took", "state", "in flight", "needs", ""],
            entries.Select(entry => Row(
                entry.Folder,
                entry.Mode is null ? entry.Kind : $"{entry.Kind}, {entry.Mode}",
                Time(entry.TriggeredAt),
                Milliseconds(entry.DurationMs),
                entry.Mode is null ? "" : SettingText.Size(entry.StateBytes),
                entry.InFlightRecords == 0 ? "" : $"{SettingText.Size(entry.InFlightBytes)}, {Number(entry.InFlightRecords)} records",
                string.Join(", ", entry.References),
                entry.IsLatest ? "LATEST" : entry.Problem ?? "")));
    }

    public void Show(CheckpointDetails details)
    {
        var summary = details.Summary;
        Line($"{summary.Folder}: {summary.Kind} {summary.Id} of job {summary.Job} (life {details.Life}), {summary.Mode}, {Time(summary.TriggeredAt)}, took {Milliseconds(summary.DurationMs)}");
        Line($"state {SettingText.Size(summary.StateBytes)}; in flight {SettingText.Size(summary.InFlightBytes)}, {Number(summary.InFlightRecords)} records; max parallelism {details.MaxParallelism}{(details.ClusterId is null ? "" : $"; Kafka cluster {details.ClusterId}")}");
        if (summary.References.Count > 0)
        {
            Line($"needs beside it: {string.Join(", ", summary.References)}");
        }
        if (details.Verdict is { Length: > 0 } verdict)
        {
            Line($"waited for: {verdict}");
        }
        foreach (var one in details.Operators)
        {
            Show(one);
        }
        foreach (var edge in details.Edges)
        {
            Show(edge);
        }
    }

    public void Line(string line) => tables.Line(line);

    private void Show(OperatorDetails one)
    {
        Line("");
        Line($"operator {one.Id}, {one.Parallelism} subtasks{(one.Finished > 0 ? $", {one.Finished} finished" : "")}");
        if (one.Splits.Count > 0)
        {
            tables.Table(["split", "subtask", "next", "stops at"], one.Splits.Select(split => Row(split.Split, Number(split.Subtask), Number(split.Position), split.StopAt is { } stop ? Number(stop) : "")));
        }
        if (one.States.Count == 0)
        {
            return;
        }
        tables.Table(["state", "key", "value", "entries", "bytes"], one.States.Select(state => Row(state.Name, state.Key ?? "", state.Value, Number(state.Entries), SettingText.Size(state.Bytes))));
        foreach (var state in one.States.Where(state => state.Sample.Count > 0))
        {
            tables.Table([$"{state.Name}: key", "value"], state.Sample.Select(entry => Row(entry.Key ?? "", entry.Value)));
        }
    }

    private void Show(EdgeDetails edge)
    {
        Line("");
        Line($"edge {edge.Id}{(edge.Kind is null ? "" : $", {edge.Kind}")}, records are {edge.Codec}");
        tables.Table(["from", "to", "layer", "records", "bytes", "lie in"], edge.Channels.Select(channel => Row(Number(channel.From), Number(channel.To), Number(channel.Layer), Number(channel.Records), SettingText.Size(channel.Bytes), string.Join(", ", channel.LieIn))));
        foreach (var channel in edge.Channels.Where(channel => channel.Sample.Count > 0))
        {
            tables.Table(["time", "key's hash", $"record, {channel.From} to {channel.To}"], channel.Sample.Select(record => Row(record.Timestamp.ToString(CultureInfo.InvariantCulture), record.Bytes is null ? "" : record.Hash.ToString("x8", CultureInfo.InvariantCulture), record.Bytes ?? "watermark")));
        }
    }
}
