using Weir.Runtime;
using Weir.Runtime.Graph;

namespace Weir;

/// <summary>Where a job declares its graph: begins streams, and says which codecs its types have.</summary>
/// <remarks>What is wrong with a graph is gathered and reported at once, when the job has declared all of it.</remarks>
public sealed class JobBuilder
{
    internal JobBuilder(JobSettings settings, CodecRegistry codecs)
    {
        Settings = settings;
        Graph = new JobGraph(settings, codecs);
    }

    /// <summary>The job's name.</summary>
    public string Name => Settings.Name;

    /// <summary>Subtasks of an operator that does not say its own.</summary>
    public int Parallelism => Settings.Parallelism;

    /// <summary>The codecs of records, state and keys; a job adds those of its own types.</summary>
    public CodecRegistry Codecs => Graph.Codecs;

    /// <inheritdoc cref="JobSettings.DeadLetterSources"/>
    public IReadOnlySet<string> DeadLetterSources => Settings.DeadLetterSources;

    internal JobSettings Settings { get; }

    internal JobGraph Graph { get; }

    /// <summary>Begins a stream with what a source reads.</summary>
    /// <param name="source">The source; its name is the operator's id.</param>
    public DataStream<T> From<T>(SourceDescription<T> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var node = new SourceNode<T>(source);
        Graph.Add(node);
        return new DataStream<T>(Graph, [new StreamPart<T>(node.Output, new ForwardPartitioning<T>())]);
    }
}
