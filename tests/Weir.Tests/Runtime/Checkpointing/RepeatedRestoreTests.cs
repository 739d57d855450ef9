using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Tests.Runtime;

/// <summary>A job that is killed before it has read what it restored, again and again.</summary>
public sealed class RepeatedRestoreTests : IDisposable
{
    private const int InFlightAtFirst = SumScript.InFlightOfBoth;

    private static readonly Codec<long> s_newCodec = SumScript.NewCodec;
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-repeated-").FullName;
    private readonly LocalStorage _storage;
    private readonly SumScript _script;

    public RepeatedRestoreTests()
    {
        _storage = new LocalStorage(_folder, fsync: false);
        _script = new SumScript(_storage);
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_unread_is_referenced_where_it_lies_however_often_it_is_restored()
    {
        var first = await _script.LiveAsync(inFlight: InFlightAtFirst);
        Assert.Empty(first.References);
        var before = await _script.LiveAsync();
        Assert.Equal([SumScript.NameOf(first)], before.References);
        for (int life = 3; life <= 5; life++)
        {
            var next = await _script.LiveAsync();
            Assert.Contains(SumScript.NameOf(first), next.References);
            Assert.Subset(Handles(before, SumScript.NameOf(first)), Handles(next, SumScript.NameOf(first)));
            before = next;
        }
        await _script.FinishAsync();
    }

    [Fact]
    public async Task A_folder_that_is_referenced_stays_however_many_checkpoints_come()
    {
        var first = await _script.LiveAsync(inFlight: InFlightAtFirst);
        var tenth = await _script.LiveAsync(checkpoints: 10);
        Assert.Contains(SumScript.NameOf(first), tenth.References);
        await _script.FinishAsync();
    }

    [Fact]
    public async Task What_is_dealt_anew_is_written_anew_and_referenced_from_there()
    {
        await _script.LiveAsync(inFlight: InFlightAtFirst);
        await _script.LiveAsync();
        var dealt = await _script.LiveAsync(parallelism: 3);
        Assert.Empty(dealt.References);
        var next = await _script.LiveAsync(parallelism: 3);
        Assert.Equal([SumScript.NameOf(dealt)], next.References);
        await _script.FinishAsync(parallelism: 1);
    }

    [Fact]
    public async Task What_is_upgraded_is_written_anew_and_referenced_from_there()
    {
        await _script.LiveAsync(inFlight: InFlightAtFirst);
        var upgraded = await _script.LiveAsync(codec: s_newCodec);
        Assert.Empty(upgraded.References);
        var next = await _script.LiveAsync(codec: s_newCodec);
        Assert.Equal([SumScript.NameOf(upgraded)], next.References);
        await _script.FinishAsync(codec: s_newCodec);
    }

    [Fact]
    public async Task A_referenced_file_that_is_gone_is_refused_with_its_edge()
    {
        var first = await _script.LiveAsync(inFlight: InFlightAtFirst);
        await _script.LiveAsync();
        await _storage.DeleteFolderAsync($"{CheckpointPaths.SlotFolder(first.Job, 0)}/{SumScript.NameOf(first)}", Now);
        var refused = await Assert.ThrowsAsync<JobException>(() => _script.LiveAsync());
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Contains("In-flight records of edge '", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{SumScript.NameOf(first)}/channel-0", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static HashSet<SegmentHandle> Handles(CheckpointMetadata metadata, string folder) =>
    [
        .. metadata.Edges.SelectMany(edge => edge.Channels).SelectMany(channel => channel.Segments).Select(segment => segment.Handle)
            .Where(handle => CheckpointPaths.ReferencedFolder(handle.File) == folder),
    ];
}
