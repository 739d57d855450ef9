using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weir.Hosting;

/// <summary>A verb of the command line, with what all of them share: examples in their help, refusals as sentences on stderr, and one document instead of tables where a script asks for it.</summary>
internal sealed class Verb : Command
{
    private readonly Option<bool> _json = new("--json") { Description = "One JSON document instead of tables, for scripts." };

    /// <param name="name">The word.</param>
    /// <param name="description">What it does, in one sentence.</param>
    /// <param name="examples">Command lines behind the program's name.</param>
    public Verb(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    public IReadOnlyList<string> Examples { get; }

    /// <summary>What it does; its result is the exit code.</summary>
    public void Runs(Func<ParseResult, CancellationToken, Task<int>> run) =>
        SetAction((parsed, cancellation) => Refusals.CatchAsync(parsed, () => run(parsed, cancellation)));

    /// <summary>The same, for a verb that shows something: <c>--json</c> is among its options.</summary>
    public Verb Shows(Func<ParseResult, CancellationToken, Task<int>> run)
    {
        Add(_json);
        Runs(run);
        return this;
    }

    /// <summary>Whether a script reads the output.</summary>
    public bool IsForScripts(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Writes what was asked for, as a document or as a person reads it.</summary>
    public void Write<T>(ParseResult parsed, T content, JsonTypeInfo<T> type, Action<TextTables> show)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (IsForScripts(parsed))
        {
            output.WriteLine(JsonSerializer.Serialize(content, type));
        }
        else
        {
            show(new TextTables(output));
        }
    }
}
