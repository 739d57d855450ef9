namespace Weir.Hosting;

/// <summary>A job that this program has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Create">Makes it.</param>
/// <param name="OnlyWhenConfigured">Whether it runs only where <c>Weir:Jobs</c> names it.</param>
internal sealed record JobRegistration(string Name, Func<IServiceProvider, IJob> Create, bool OnlyWhenConfigured)
{
    public bool Runs(WeirOptions options) => options.Jobs.TryGetValue(Name, out var job) ? job.Enabled : !OnlyWhenConfigured;
}
