using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>A job that sums numbers by key, and is killed before it has read what it restored, as often as a test wants.</summary>
/// <param name="storage">Where its checkpoints lie.</param>
internal sealed class SumScript(ICheckpointStorage storage)
{
    /// <summary>More than one source subtask can have in flight, so that both have.</summary>
    public const int InFlightOfBoth = 4000;

    private const int Records = 20_000;
    private const int Keys = 50;

    private static readonly Codec<long> s_codec = Codec.Fixed<long>(new CodecId("seq", 1));

    /// <summary>What another version of the job writes its numbers with.</summary>
    public static Codec<long> NewCodec { get; } = Codec.Fixed<long>(new CodecId("seq", 2));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    /// <summary>The name of a checkpoint's folder.</summary>
    public static string NameOf(CheckpointMetadata metadata) => new CheckpointFolderName(metadata.CheckpointId, metadata.LifeId).ToString();

    /// <summary>One life that processes a record a subtask at most, killed at the first checkpoint that has so much in flight, or after some.</summary>
    public async Task<CheckpointMetadata> LiveAsync(int parallelism = 2, Codec<long>? codec = null, long inFlight = 0, int checkpoints = 1)
    {
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Now);
        int completed = 0;
        var observer = new Observer(report =>
        {
            if (report.InFlightRecords >= inFlight && ++completed == checkpoints)
            {
                kill.Cancel();
            }
        });
        Assert.Equal(JobOutcome.Cancelled, await RunAsync(new SumJob(new LatestSink<long, long>("sums"), codec ?? s_codec, recordsPerSecond: 0.001), parallelism, observer, kill.Token));
        string latest = CheckpointPaths.LatestFile("sums", 0);
        var pointer = CheckpointPointer.Parse(await storage.ReadAsync(latest, 0, (int)(await storage.LengthAsync(latest, Now))!, Now), latest);
        string name = CheckpointPaths.MetadataFile(pointer.Location);
        return CheckpointMetadata.Parse(await storage.ReadAsync(name, 0, (int)(await storage.LengthAsync(name, Now))!, Now), name);
    }

    /// <summary>A life that processes all that is left, and checks what came out of all.</summary>
    /// <param name="parallelism">Its parallelism.</param>
    /// <param name="codec">The numbers'.</param>
    /// <param name="from">Where it begins, if not at the committed checkpoint.</param>
    public async Task FinishAsync(int parallelism = 2, Codec<long>? codec = null, string? from = null)
    {
        var sums = new LatestSink<long, long>("sums");
        Assert.Equal(JobOutcome.Finished, await RunAsync(new SumJob(sums, codec ?? s_codec, recordsPerSecond: 1e9), parallelism, new Observer(_ => { }), Now, from));
        Assert.Equal(Enumerable.Range(0, Keys).Select(key => KeyValuePair.Create((long)key, Enumerable.Range(0, Records).Where(seq => seq % Keys == key).Sum(seq => (long)seq))), sums.Latest);
    }

    private Task<JobOutcome> RunAsync(SumJob job, int parallelism, Observer observer, CancellationToken cancel, string? from = null) => new JobRunner(
        job,
        new JobSettings
        {
            Name = "sums",
            Parallelism = parallelism,
            MaxParallelism = 8,
            CheckpointInterval = TimeSpan.FromMilliseconds(20),
            AlignedCheckpointTimeout = TimeSpan.Zero,
            RetainedCheckpoints = 2,
            ReferencedBytesMin = 0,
            RestoreFrom = from,
            Restart = new RestartSettings { Strategy = RestartStrategy.None },
        },
        storage,
        null!,
        new JobRunnerServices { Observer = observer }).RunAsync(CancellationToken.None, cancel).WaitAsync(TimeSpan.FromSeconds(60), Now);

    /// <summary>Sums numbers by key.</summary>
    private sealed class SumJob(LatestSink<long, long> sums, Codec<long> codec, double recordsPerSecond) : IJob
    {
        public void Build(JobBuilder job)
        {
            job.Codecs.AddUpgrade(s_codec, NewCodec, seq => seq);
            job.From(new LedgerGenerator("entries", splits: 2, accounts: 1, valueBytes: 32, Records)).Map(entry => entry.Seq).WithCodec(codec)
                .KeyBy(seq => seq % Keys).Aggregate("sum", 0L, (sum, seq) => sum + seq, (key, sum) => (key, sum))
                .Throttle(recordsPerSecond).To(sums);
        }
    }

    private sealed class Observer(Action<CheckpointReport> completed) : IJobObserver
    {
        public void CheckpointCompleted(CheckpointReport report) => completed(report);
    }
}
