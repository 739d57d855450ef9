using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>A job that is killed before it has read what it restored, again and again.</summary>
public sealed class RepeatedRestoreTests : IDisposable
{
    private const int Records = 20_000;
    private const int Keys = 50;

    /// <summary>More than one source subtask can have in flight, so that both have.</summary>
    private const int InFlightAtFirst = 4000;

    private static readonly Codec<long> s_codec = Codec.Fixed<long>(new CodecId("seq", 1));
    private static readonly Codec<long> s_newCodec = Codec.Fixed<long>(new CodecId("seq", 2));
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-repeated-").FullName;
    private readonly LocalStorage _storage;

    public RepeatedRestoreTests() => _storage = new LocalStorage(_folder, fsync: false);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_unread_is_referenced_where_it_lies_however_often_it_is_restored()
    {
        var first = await LiveAsync(inFlight: InFlightAtFirst);
        Assert.Empty(first.References);
        var before = await LiveAsync();
        Assert.Equal([NameOf(first)], before.References);
        for (int life = 3; life <= 5; life++)
        {
            var next = await LiveAsync();
            Assert.Contains(NameOf(first), next.References);
            Assert.Subset(Handles(before, NameOf(first)), Handles(next, NameOf(first)));
            before = next;
        }
        await FinishAsync();
    }

    [Fact]
    public async Task A_folder_that_is_referenced_stays_however_many_checkpoints_come()
    {
        var first = await LiveAsync(inFlight: InFlightAtFirst);
        var tenth = await LiveAsync(checkpoints: 10);
        Assert.Contains(NameOf(first), tenth.References);
        await FinishAsync();
    }

    [Fact]
    public async Task What_is_dealt_anew_is_written_anew_and_referenced_from_there()
    {
        await LiveAsync(inFlight: InFlightAtFirst);
        await LiveAsync();
        var dealt = await LiveAsync(parallelism: 3);
        Assert.Empty(dealt.References);
        var next = await LiveAsync(parallelism: 3);
        Assert.Equal([NameOf(dealt)], next.References);
        await FinishAsync(parallelism: 1);
    }

    [Fact]
    public async Task What_is_upgraded_is_written_anew_and_referenced_from_there()
    {
        await LiveAsync(inFlight: InFlightAtFirst);
        var upgraded = await LiveAsync(codec: s_newCodec);
        Assert.Empty(upgraded.References);
        var next = await LiveAsync(codec: s_newCodec);
        Assert.Equal([NameOf(upgraded)], next.References);
        await FinishAsync(codec: s_newCodec);
    }

    [Fact]
    public async Task A_referenced_file_that_is_gone_is_refused_with_its_edge()
    {
        var first = await LiveAsync(inFlight: InFlightAtFirst);
        await LiveAsync();
        await _storage.DeleteFolderAsync($"{CheckpointPaths.SlotFolder(first.Job, 0)}/{NameOf(first)}", Now);
        var refused = await Assert.ThrowsAsync<JobException>(() => LiveAsync());
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Contains("In-flight records of edge '", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{NameOf(first)}/channel-0", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string NameOf(CheckpointMetadata metadata) => new CheckpointFolderName(metadata.CheckpointId, metadata.LifeId).ToString();

    private static HashSet<SegmentHandle> Handles(CheckpointMetadata metadata, string folder) =>
    [
        .. metadata.Edges.SelectMany(edge => edge.Channels).SelectMany(channel => channel.Segments).Select(segment => segment.Handle)
            .Where(handle => CheckpointPaths.ReferencedFolder(handle.File) == folder),
    ];

    /// <summary>One life that processes a record a subtask at most, killed at the first checkpoint that has so much in flight, or after some.</summary>
    private async Task<CheckpointMetadata> LiveAsync(int parallelism = 2, Codec<long>? codec = null, long inFlight = 0, int checkpoints = 1)
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
        var pointer = CheckpointPointer.Parse(await _storage.ReadAsync(latest, 0, (int)(await _storage.LengthAsync(latest, Now))!, Now), latest);
        string name = CheckpointPaths.MetadataFile(pointer.Location);
        return CheckpointMetadata.Parse(await _storage.ReadAsync(name, 0, (int)(await _storage.LengthAsync(name, Now))!, Now), name);
    }

    private async Task FinishAsync(int parallelism = 2, Codec<long>? codec = null)
    {
        var sums = new LatestSink<long, long>("sums");
        Assert.Equal(JobOutcome.Finished, await RunAsync(new SumJob(sums, codec ?? s_codec, recordsPerSecond: 1e9), parallelism, new Observer(_ => { }), Now));
        Assert.Equal(Enumerable.Range(0, Keys).Select(key => KeyValuePair.Create((long)key, Enumerable.Range(0, Records).Where(seq => seq % Keys == key).Sum(seq => (long)seq))), sums.Latest);
    }

    private Task<JobOutcome> RunAsync(SumJob job, int parallelism, Observer observer, CancellationToken cancel) => new JobRunner(
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
            Restart = new RestartSettings { Strategy = RestartStrategy.None },
        },
        _storage,
        null!,
        new JobRunnerServices { Observer = observer }).RunAsync(CancellationToken.None, cancel).WaitAsync(TimeSpan.FromSeconds(60), Now);

    /// <summary>Sums numbers by key.</summary>
    private sealed class SumJob(LatestSink<long, long> sums, Codec<long> codec, double recordsPerSecond) : IJob
    {
        public void Build(JobBuilder job)
        {
            job.Codecs.AddUpgrade(s_codec, s_newCodec, seq => seq);
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
