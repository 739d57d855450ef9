namespace Weir.Runtime.Graph;

/// <summary>What the parts of a graph are checked with before a plan is made of it, and where they say what is wrong.</summary>
internal sealed class PlanCheck(JobSettings settings, CodecRegistry codecs, IServiceProvider? services, List<string> errors)
{
    public JobSettings Settings { get; } = settings;

    public CodecRegistry Codecs { get; } = codecs;

    public IServiceProvider? Services { get; } = services;

    /// <summary>Reports one fault: a sentence that names the operator and the way out.</summary>
    public void Report(string error)
    {
        if (!errors.Contains(error))
        {
            errors.Add(error);
        }
    }
}
