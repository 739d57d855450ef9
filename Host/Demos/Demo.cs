using Microsoft.Extensions.Hosting;
using Weir.Jobs;

namespace Weir.Demos;

/// <summary>What the host shows instead of running what it is configured to run. This one shows nothing.</summary>
internal class Demo
{
    /// <summary>The job that is shown.</summary>
    protected const string Job = "ledger";

    /// <summary>What the catalog's jobs are made with.</summary>
    public virtual JobParameters Parameters { get; } = new();

    /// <summary>Adds what it needs to the program.</summary>
    public virtual void AddTo(IHostApplicationBuilder builder)
    {
    }
}
