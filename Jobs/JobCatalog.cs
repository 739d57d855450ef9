namespace Weir.Jobs;

/// <summary>Every job by name.</summary>
public static class JobCatalog
{
    /// <summary>The jobs, smallest first.</summary>
    public static IReadOnlyList<CatalogJob> All { get; } =
    [
        new("copy", "topic in to topic out, as it is", _ => new CopyJob()),
        new("wordcount", "topic lines to topic words, counted", _ => new WordCountJob()),
        new("ledger", "topic in to topic out, with a running balance per account", parameters => new LedgerJob(parameters.Throttle)),
        new("count", "generated entries, summed per account", parameters => new CountJob(parameters.Records, parameters.Accounts)),
        new("pressure", "generated entries into a slow sink", parameters => new PressureJob(parameters.Rate, parameters.Accounts)),
    ];

    /// <summary>The job of that name, or null.</summary>
    public static CatalogJob? Find(string name) => All.FirstOrDefault(job => job.Name == name);
}

/// <summary>One job of the catalog.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it does, for a list.</param>
/// <param name="Make">Makes it.</param>
public sealed record CatalogJob(string Name, string Summary, Func<JobParameters, IJob> Make);

/// <summary>What may be said of a catalog's job; each takes what concerns it.</summary>
public sealed record JobParameters
{
    /// <summary>Records a second that each sink subtask of <c>ledger</c> takes; null (the default) takes all.</summary>
    public double? Throttle { get; init; }

    /// <summary>Entries that <c>count</c> makes. 10 million by default.</summary>
    public long Records { get; init; } = 10_000_000;

    /// <summary>Accounts of the generated entries. 1 million by default.</summary>
    public long Accounts { get; init; } = 1_000_000;

    /// <summary>Records a second that each sink subtask of <c>pressure</c> takes. 1000 by default.</summary>
    public double Rate { get; init; } = 1000;
}
