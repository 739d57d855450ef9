using System.Diagnostics;
using Azure.Storage.Blobs;
using Weir.Hosting;
using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;
using Weir.StateStore.Azure;

namespace Weir.Bench;

/// <summary>Runs one workload to its end and prints what it took.</summary>
internal sealed class Workload(BenchOptions options)
{
    private readonly JsonLines _lines = new();

    /// <param name="stop">Ends the run with a last checkpoint.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationTokenSource stop)
    {
        string folder = options.Directory ?? Directory.CreateTempSubdirectory("weir-bench-").FullName;
        ICheckpointStorage storage = options.Azure is { } account
            ? new AzureBlobStorage(new BlobContainerClient(account, "weir-bench", AzureBlobStorage.CreateClientOptions()), Path.GetFileName(folder))
            : new LocalStorage(folder);
        try
        {
            var job = options.MakeJob();
            var services = new JobRunnerServices { Loggers = StderrLogger.FromEnvironment(), Observer = _lines };
            var runner = new JobRunner(job, options.Settings(), storage, new ConfiguredKafka(options.Kafka()), services);
            if (options.Duration is { } duration)
            {
                stop.CancelAfter(duration);
            }
            var outcome = await runner.RunAsync(stop.Token, CancellationToken.None);
            // Where output is committed, that is the end; where it is only counted, the last record is.
            long end = job is CountJob { LastAt: > 0 and var last } ? last : Stopwatch.GetTimestamp();
            _lines.Done(runner.Status, end, withFailedCheckpoints: options.Workload == "pressure");
            if (job is CountJob count && outcome == JobOutcome.Finished && !_lines.HasRestored)
            {
                count.Check();
            }
            return ExitCode.Of(outcome);
        }
        finally
        {
            if (options.Directory is null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
