using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Golden;

/// <summary>Checkpoints that releases wrote, kept as they are: every later release restores them; and of no byte of theirs another one is believed.</summary>
public sealed class GoldenCheckpointTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static TheoryData<string> Releases => [.. Directory.GetDirectories(s_folder).Select(folder => Path.GetFileName(folder))];

    [Theory, MemberData(nameof(Releases))]
    public async Task It_is_restored_at_the_same_parallelism_and_at_others(string release)
    {
        foreach (int parallelism in (int[])[2, 1, 3])
        {
            var job = new GoldenJob();
            var restored = new Restored();
            Assert.Equal(JobOutcome.Finished, await RunAsync(job, Load(release), parallelism, restored));
            Assert.True(restored.InFlightRecords > 0, "nothing was in flight");
            Assert.Equal(GoldenJob.Expected, job.Totals.Latest);
        }
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Records_in_flight_that_are_keyed_otherwise_are_refused(string release)
    {
        var refused = await Assert.ThrowsAsync<JobException>(() => RunAsync(new GoldenJob { Divisor = 5 }, Load(release), parallelism: 2, new Restored()));
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Contains("In-flight records of edge 'remember->total#0' have other keys", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Every bit of <c>_metadata</c> and of the pointer is under a checksum; of data files, every bit of a segment that the checkpoint needs. <c>WEIR_FUZZ=all</c> turns each of them.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task A_bit_that_is_turned_is_refused_with_its_file(string release)
    {
        bool all = Environment.GetEnvironmentVariable("WEIR_FUZZ") == "all";
        var chance = new Random(1);
        int turned = 0;
        var segments = Segments(Load(release));
        foreach (string name in Load(release).Names)
        {
            int length = Load(release)[name].Length;
            for (int place = 0; place < length; place += all ? 1 : chance.Next(1, 1 + (length / 30)))
            {
                if (name.Contains("/channel-", StringComparison.Ordinal) && !segments.Any(segment => segment.File == name && place >= segment.Start && place < segment.End))
                {
                    continue; // Of another checkpoint's segments, one may need some only.
                }
                foreach (int bit in all ? Enumerable.Range(0, 8) : [chance.Next(8)])
                {
                    var storage = Load(release);
                    storage[name][place] ^= (byte)(1 << bit);
                    await MustBeRefused(storage, name, $"bit {bit} of byte {place}");
                    turned++;
                }
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{turned} bits turned, each refused");
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_file_that_ends_early_is_refused_with_its_name(string release)
    {
        foreach (string name in Load(release).Names)
        {
            int length = Load(release)[name].Length;
            int needed = Segments(Load(release)).Where(segment => segment.File == name).Select(segment => segment.End).DefaultIfEmpty(length).Max();
            foreach (int kept in (int[])[0, 1, needed / 2, needed - 1])
            {
                var storage = Load(release);
                storage[name] = storage[name][..kept];
                await MustBeRefused(storage, name, $"{kept} of {length} bytes");
            }
        }
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_file_that_is_gone_is_refused_with_its_name(string release)
    {
        foreach (string name in Load(release).Names.Where(name => !name.EndsWith("/LATEST", StringComparison.Ordinal)))
        {
            var storage = Load(release);
            storage.Remove(name);
            await MustBeRefused(storage, name, "gone");
        }
    }

    /// <summary>What this release writes it restores; with <c>WEIR_GOLDEN</c> it stays in the folder that this names, to be kept here: once a format.</summary>
    [Fact]
    public async Task One_that_is_made_now_is_restored()
    {
        string? kept = Environment.GetEnvironmentVariable("WEIR_GOLDEN");
        string folder = kept ?? Directory.CreateTempSubdirectory("weir-golden-").FullName;
        var storage = new LocalStorage(folder);
        foreach (int checkpoints in (int[])[10, 1, 1]) // A later life's checkpoint has layers: what it restored, some of it by reference, and what came behind it.
        {
            using var cancel = new CancellationTokenSource();
            await RunUntilAsync(new GoldenJob(recordsPerSecond: 20), storage, parallelism: 2, new Restored { CancelAfter = (checkpoints, cancel) }, cancel.Token);
        }
        if (kept is not null)
        {
            KeepOnlyNeeded(folder);
        }
        else
        {
            var job = new GoldenJob();
            Assert.Equal(JobOutcome.Finished, await RunAsync(job, storage, parallelism: 2, new Restored()));
            Assert.Equal(GoldenJob.Expected, job.Totals.Latest);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static MemoryStorage Load(string release)
    {
        var storage = new MemoryStorage();
        string root = Path.Combine(s_folder, release); // A path of its own stays as it is.
        foreach (string file in Directory.GetFiles(root, "*", SearchOption.AllDirectories))
        {
            storage[Path.GetRelativePath(root, file).Replace('\\', '/')] = File.ReadAllBytes(file);
        }
        return storage;
    }

    /// <summary>Where the segments with records in flight lie that the checkpoint needs, by file.</summary>
    private static List<(string File, int Start, int End)> Segments(MemoryStorage storage)
    {
        string folder = FolderOf(storage);
        return
        [
            .. MetadataOf(storage).Edges.SelectMany(edge => edge.Channels).SelectMany(channel => channel.Segments).Select(segment => segment.Handle)
                .Select(handle => (CheckpointPaths.FileOf(folder, handle.File), (int)handle.Offset, (int)handle.Offset + SegmentHeader.Size + handle.Length)),
        ];
    }

    private static string FolderOf(MemoryStorage storage)
    {
        string latest = CheckpointPaths.LatestFile("golden", 0);
        return CheckpointPointer.Parse(storage[latest], latest).Location;
    }

    private static CheckpointMetadata MetadataOf(MemoryStorage storage) => CheckpointMetadata.Parse(storage[CheckpointPaths.MetadataFile(FolderOf(storage))]);

    /// <summary>Deletes what the last checkpoint can do without.</summary>
    private static void KeepOnlyNeeded(string root)
    {
        var storage = Load(Path.GetFullPath(root));
        string folder = FolderOf(storage);
        Assert.NotEmpty(MetadataOf(storage).References);
        var needed = Segments(storage).Select(segment => segment.File).Append(CheckpointPaths.LatestFile("golden", 0)).ToHashSet(StringComparer.Ordinal);
        foreach (string name in storage.Names.Where(name => CheckpointPaths.FolderOf(name) != folder && !needed.Contains(name)))
        {
            File.Delete(Path.Combine(root, name));
        }
    }

    private static async Task MustBeRefused(MemoryStorage storage, string name, string what)
    {
        var refused = await Assert.ThrowsAsync<JobException>(() => RunAsync(new GoldenJob(), storage, parallelism: 2, new Restored()));
        string file = name[(name.LastIndexOf('/') + 1)..];
        Assert.True(refused.Reason == JobFailure.Configuration && refused.Message.Contains(file, StringComparison.Ordinal), $"{what} of {name}: {refused.Message}");
        if (file.StartsWith("channel", StringComparison.Ordinal))
        {
            Assert.Contains("In-flight records of edge '", refused.Message, StringComparison.Ordinal);
        }
        if (file.StartsWith("state", StringComparison.Ordinal))
        {
            Assert.Contains("State of operator '", refused.Message, StringComparison.Ordinal);
        }
    }

    private static Task<JobOutcome> RunAsync(GoldenJob job, ICheckpointStorage storage, int parallelism, Restored restored) =>
        RunUntilAsync(job, storage, parallelism, restored, TestContext.Current.CancellationToken);

    private static Task<JobOutcome> RunUntilAsync(GoldenJob job, ICheckpointStorage storage, int parallelism, Restored restored, CancellationToken cancel) => new JobRunner(
        job,
        new JobSettings
        {
            Name = "golden",
            Parallelism = parallelism,
            MaxParallelism = 8,
            CheckpointInterval = TimeSpan.FromMilliseconds(20),
            AlignedCheckpointTimeout = TimeSpan.Zero,
            RetainedCheckpoints = 2,
            ReferencedBytesMin = 0,
            Restart = new RestartSettings { Strategy = RestartStrategy.None },
        },
        storage,
        null!,
        new JobRunnerServices { Observer = restored }).RunAsync(CancellationToken.None, cancel).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    private sealed class Restored : IJobObserver
    {
        private int _completed;

        public long InFlightRecords { get; private set; }

        public (int Checkpoints, CancellationTokenSource Cancel)? CancelAfter { get; init; }

        public void Started(long? restored, long inFlightRecords) => InFlightRecords = inFlightRecords;

        public void CheckpointCompleted(CheckpointReport report)
        {
            if (++_completed == CancelAfter?.Checkpoints)
            {
                CancelAfter.Value.Cancel.Cancel();
            }
        }
    }
}
