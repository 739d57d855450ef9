namespace Weir.Runtime.Checkpointing;

/// <summary>The reports of a job's last checkpoints, whichever of its attempts took them.</summary>
/// <remarks>
/// Thread: the lane adds, any reads. Bound: <see cref="ReportsMax"/> reports, and <see cref="PartsMax"/> parts of all of them together, about 5 MB: what is
/// older keeps its sums and its verdict. The newest is always whole.
/// </remarks>
internal sealed class CheckpointHistory
{
    public const int ReportsMax = 100;

    // A subtask or an edge each: a hundred reports of a job with 200 of them.
    public const int PartsMax = 20_000;

    private volatile CheckpointReport[] _reports = [];

    /// <summary>Newest first; what is handed out does not change.</summary>
    public IReadOnlyList<CheckpointReport> Reports => _reports;

    public void Add(CheckpointReport report)
    {
        var reports = new List<CheckpointReport> { report };
        int parts = PartsOf(report);
        foreach (var older in _reports.Take(ReportsMax - 1))
        {
            parts += PartsOf(older);
            reports.Add(parts <= PartsMax ? older : older with { Subtasks = [], Edges = [] });
        }
        _reports = [.. reports];
    }

    private static int PartsOf(CheckpointReport report) => report.Subtasks.Count + report.Edges.Count;
}
