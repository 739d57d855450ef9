using System.Globalization;
using Spectre.Console;

namespace Weir.Hosting;

/// <summary>Lines and tables for people. Colours are for a terminal, and for one whose user did not say <c>NO_COLOR</c>.</summary>
internal sealed class TextTables
{
    // What is piped has no width of its own; nothing is to be cut.
    private const int PipedWidth = 250;

    private readonly IAnsiConsole _console;

    public TextTables(TextWriter output)
    {
        bool isTerminal = output == Console.Out && Terminal.IsAttended;
        bool isPlain = !isTerminal || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (!isTerminal)
        {
            _console.Profile.Width = PipedWidth;
        }
    }

    public void Line(string line) => _console.WriteLine(line);

    public void Table(IReadOnlyList<string> columns, IEnumerable<Cell[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }
        foreach (var row in rows)
        {
            // Text, since a name may hold what would be markup.
            table.AddRow(row.Select(cell => new Text(cell.Text, cell.Tone switch
            {
                Tone.Good => new Style(Color.Green),
                Tone.Doubtful => new Style(Color.Yellow),
                Tone.Bad => new Style(Color.Red),
                _ => Style.Plain,
            })));
        }
        _console.Write(table);
    }

    public static Cell[] Row(params Cell[] cells) => cells;

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Milliseconds(double? ms) => ms is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:N0} ms") : "";

    public static string Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A length of time by its two largest units: <c>3 d 4 h</c>, <c>12 s</c>.</summary>
    public static string Length(TimeSpan length) => length switch
    {
        { TotalDays: >= 1 } => $"{length.Days} d {length.Hours} h",
        { TotalHours: >= 1 } => $"{length.Hours} h {length.Minutes} min",
        { TotalMinutes: >= 1 } => $"{length.Minutes} min {length.Seconds} s",
        _ => string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0} s"),
    };
}

/// <summary>What a cell says, and how it is meant.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>How something is meant; a colour on a terminal, and never the only sign.</summary>
internal enum Tone
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>Well.</summary>
    Good,

    /// <summary>To be looked at.</summary>
    Doubtful,

    /// <summary>To be mended.</summary>
    Bad,
}
