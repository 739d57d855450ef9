namespace Weir.Hosting;

/// <summary>What an operator may set of one source: the section <c>Weir:Jobs:&lt;job&gt;:Sources:&lt;name&gt;</c>.</summary>
public sealed class SourceOptions
{
    /// <summary>The topic; the source's name by default.</summary>
    public string? Topic { get; set; }

    /// <summary>Where a job that starts for the first time begins: <c>earliest</c> (the default), <c>latest</c>, or <c>group</c>.</summary>
    public string? Start { get; set; }

    /// <summary>Whether the source ends where the topic ended when the job started for the first time. Off by default.</summary>
    public bool Bounded { get; set; }
}

/// <summary>What an operator may set of one sink: the section <c>Weir:Jobs:&lt;job&gt;:Sinks:&lt;name&gt;</c>.</summary>
public sealed class SinkOptions
{
    /// <summary>The topic; the sink's name by default.</summary>
    public string? Topic { get; set; }

    /// <summary><c>exactly-once</c> (the default) or <c>at-least-once</c>.</summary>
    public string? Guarantee { get; set; }
}
