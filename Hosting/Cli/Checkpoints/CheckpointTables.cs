using System.Globalization;
using Spectre.Console;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>Shows checkpoints to people.</summary>
internal sealed class CheckpointTables
{
    // What is piped has no width of its own; nothing is to be cut.
    private const int PipedWidth = 250;

    private readonly IAnsiConsole _console;

    public CheckpointTables(TextWriter output)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!_console.Profile.Out.IsTerminal)
        {
            _console.Profile.Width = PipedWidth;
        }
    }

    public void List(IReadOnlyList<CheckpointEntry> entries, string location)
    {
        if (entries.Count == 0)
        {
            Line($"There are no checkpoints in {location}.");
            return;
        }
        var table = Table("folder", "kind", "taken", "took", "state", "in flight", "needs", "");
        foreach (var entry in entries)
        {
            Row(
                table,
                entry.Folder,
                entry.Mode is null ? entry.Kind : $"{entry.Kind}, {entry.Mode}",
                Time(entry.TriggeredAt),
                Milliseconds(entry.DurationMs),
                entry.Mode is null ? "" : SettingText.Size(entry.StateBytes),
                entry.InFlightRecords == 0 ? "" : $"{SettingText.Size(entry.InFlightBytes)}, {Number(entry.InFlightRecords)} records",
                string.Join(", ", entry.References),
                entry.IsLatest ? "LATEST" : entry.Problem ?? "");
        }
        _console.Write(table);
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

    public void Line(string line) => _console.WriteLine(line);

    private void Show(OperatorDetails one)
    {
        Line("");
        Line($"operator {one.Id}, {one.Parallelism} subtasks{(one.Finished > 0 ? $", {one.Finished} finished" : "")}");
        if (one.Splits.Count > 0)
        {
            var splits = Table("split", "subtask", "next", "stops at");
            foreach (var split in one.Splits)
            {
                Row(splits, split.Split, Number(split.Subtask), Number(split.Position), split.StopAt is { } stop ? Number(stop) : "");
            }
            _console.Write(splits);
        }
        if (one.States.Count == 0)
        {
            return;
        }
        var states = Table("state", "key", "value", "entries", "bytes");
        foreach (var state in one.States)
        {
            Row(states, state.Name, state.Key ?? "", state.Value, Number(state.Entries), SettingText.Size(state.Bytes));
        }
        _console.Write(states);
        foreach (var state in one.States.Where(state => state.Sample.Count > 0))
        {
            var sample = Table($"{state.Name}: key", "value");
            foreach (var entry in state.Sample)
            {
                Row(sample, entry.Key ?? "", entry.Value);
            }
            _console.Write(sample);
        }
    }

    private void Show(EdgeDetails edge)
    {
        Line("");
        Line($"edge {edge.Id}{(edge.Kind is null ? "" : $", {edge.Kind}")}, records are {edge.Codec}");
        var channels = Table("from", "to", "layer", "records", "bytes", "lie in");
        foreach (var channel in edge.Channels)
        {
            Row(channels, Number(channel.From), Number(channel.To), Number(channel.Layer), Number(channel.Records), SettingText.Size(channel.Bytes), string.Join(", ", channel.LieIn));
        }
        _console.Write(channels);
        foreach (var channel in edge.Channels.Where(channel => channel.Sample.Count > 0))
        {
            var sample = Table("time", "key's hash", $"record, {channel.From} to {channel.To}");
            foreach (var record in channel.Sample)
            {
                Row(sample, record.Timestamp.ToString(CultureInfo.InvariantCulture), record.Bytes is null ? "" : record.Hash.ToString("x8", CultureInfo.InvariantCulture), record.Bytes ?? "watermark");
            }
            _console.Write(sample);
        }
    }

    private static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }
        return table;
    }

    // Text, since a name may hold what would be markup.
    private static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Milliseconds(double? ms) => ms is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:N0} ms") : "";

    private static string Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
