namespace Weir.Jobs;

/// <summary>Every job by name.</summary>
public static class JobCatalog
{
    /// <summary>The jobs, smallest first.</summary>
    public static IReadOnlyList<CatalogJob> All { get; } =
    [
        new("copy", "topic in to topic out, as it is", _ => new CopyJob()),
        new("wordcount", "topic lines to topic words, counted", _ => new WordCountJob()),
        new("order-totals-v1", "topic orders to topic totals, summed per account", parameters => new OrderTotalsV1Job(parameters.Throttle)),
        new("order-totals-v2", "the same, counted too: takes over from version 1", _ => new OrderTotalsV2Job()),
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
