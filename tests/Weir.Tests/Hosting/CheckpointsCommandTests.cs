using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Weir.Hosting;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;
using Weir.Tests.Runtime;

namespace Weir.Tests.Hosting;

/// <summary>What an operator sees of a store in which a job was killed twice, and left a cut checkpoint behind.</summary>
public sealed class CheckpointsCommandTests(Azurite azurite) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-cli-").FullName;
    private readonly List<string> _names = [];

    private string Store => Path.Combine(_folder, "store");

    private string Newest => _names[^1];

    public async ValueTask InitializeAsync()
    {
        var script = new SumScript(new LocalStorage(Store, fsync: false));
        _names.Add(SumScript.NameOf(await script.LiveAsync(inFlight: SumScript.InFlightOfBoth)));
        _names.Add(SumScript.NameOf(await script.LiveAsync()));
        Directory.CreateDirectory(Path.Combine(Store, "sums", "0", "chk-0000009999-cut"));
        await File.WriteAllBytesAsync(Path.Combine(Store, "sums", "0", "chk-0000009999-cut", "state-0"), [1], TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_list_tells_kinds_sizes_references_and_the_latest()
    {
        var (code, text) = await RunAsync("list", "sums", "--json");
        Assert.Equal(ExitCode.Success, code);
        var entries = JsonDocument.Parse(text).RootElement.EnumerateArray().ToList();
        var latest = Assert.Single(entries, entry => entry.GetProperty("isLatest").GetBoolean());
        Assert.Equal($"sums/0/{Newest}", latest.GetProperty("folder").GetString());
        Assert.Equal(("checkpoint", "unaligned"), (latest.GetProperty("kind").GetString(), latest.GetProperty("mode").GetString()));
        Assert.Equal(_names[0], Assert.Single(latest.GetProperty("references").EnumerateArray()).GetString());
        Assert.True(latest.GetProperty("inFlightBytes").GetInt64() > 0);
        Assert.Equal("unfinished", entries[^1].GetProperty("kind").GetString());

        (_, string table) = await RunAsync("list");
        string line = Assert.Single(table.Split('\n'), line => line.Contains("LATEST", StringComparison.Ordinal));
        Assert.Contains($"sums/0/{Newest}", line, StringComparison.Ordinal);
        Assert.Contains("checkpoint, unaligned", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_holds_is_shown_without_the_jobs_code()
    {
        var (code, text) = await RunAsync("show", Newest, "--records", "2", "--json");
        Assert.Equal(ExitCode.Success, code);
        var details = JsonDocument.Parse(text).RootElement;
        var edge = Assert.Single(details.GetProperty("edges").EnumerateArray());
        Assert.Equal("seq v1", edge.GetProperty("codec").GetString());
        var records = edge.GetProperty("channels")[0].GetProperty("sample").EnumerateArray().ToList();
        Assert.Equal(2, records.Count);
        Assert.All(records, record => Assert.Matches("^[0-9a-f]{16}$", record.GetProperty("bytes").GetString()));
        var state = Assert.Single(details.GetProperty("operators").EnumerateArray().SelectMany(one => one.GetProperty("states").EnumerateArray()));
        Assert.True(state.GetProperty("entries").GetInt64() >= 0);

        (_, string table) = await RunAsync("show", Newest, "--edge", edge.GetProperty("id").GetString()!, "--records", "1");
        Assert.Contains(_names[0], table, StringComparison.Ordinal);
        Assert.DoesNotContain("operator ", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bit_that_was_turned_is_told_with_file_edge_and_offset()
    {
        Assert.Equal(ExitCode.Success, (await RunAsync("verify", Newest)).Code);
        string file = Path.Combine(Store, "sums", "0", _names[0], "channel-0");
        byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var metadata = await CheckpointMetadata.ReadAsync(new LocalStorage(Store), $"sums/0/{Newest}", TestContext.Current.CancellationToken);
        bytes[NeededSegments.Of(metadata).First(segment => CheckpointPaths.ReferencedFolder(segment.Handle.File) == _names[0]).Handle.Offset + SegmentHeader.Size] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        var (code, text) = await RunAsync("verify", Newest);
        Assert.Equal(ExitCode.Configuration, code);
        Assert.Matches($@"In-flight records of edge '[^']+', subtask \d to \d, at offset \d+ of \.\./{_names[0]}/channel-0: ", text);
        Assert.Contains("are not what was written", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_to_Azure_and_from_there_to_a_folder_is_whole_in_each()
    {
        string container = $"test-{Guid.NewGuid():n}";
        string azure = $"azure://{container}/copies";
        string folder = Path.Combine(_folder, "copy");
        Assert.Equal(ExitCode.Success, (await RunAsync("copy", Newest, "--from", Store, "--to", azure)).Code);
        Assert.Equal(ExitCode.Success, (await RunAsync("verify", Newest, "--from", azure)).Code);
        var (code, text) = await RunAsync("copy", Newest, $"--from={azure}", "--to", folder, "--json");
        Assert.Equal(ExitCode.Success, code);
        Assert.False(JsonDocument.Parse(text).RootElement.GetProperty("wasThere").GetBoolean());
        Assert.Contains("already, and whole", (await RunAsync("copy", Newest, "--to", folder)).Text, StringComparison.Ordinal);
        await new SumScript(new LocalStorage(folder, fsync: false)).FinishAsync(from: Newest);
    }

    [Theory]
    [InlineData("show", "nothing")]
    [InlineData("verify", "sums/0/nothing")]
    [InlineData("list", "--from", "ftp://somewhere")]
    [InlineData("show", "NEWEST", "--operator", "nobody")]
    [InlineData("show", "NEWEST", "--records", "1001")]
    [InlineData("copy", "NEWEST")]
    [InlineData("copy", "NEWEST", "--to", "STORE")]
    public async Task What_is_not_there_or_does_not_fit_ends_with_2(params string[] args) =>
        Assert.Equal(ExitCode.Configuration, (await RunAsync([.. args.Select(arg => arg switch { "NEWEST" => Newest, "STORE" => Store, _ => arg })])).Code);

    private async Task<(int Code, string Text)> RunAsync(params string[] args)
    {
        bool usesAzure = args.Any(arg => arg.Contains("azure://", StringComparison.Ordinal));
        var script = usesAzure ? new SettingsScript(("Weir:Checkpoints:Azure:ConnectionString", await azurite.ConnectionStringAsync())) : new SettingsScript(("Weir:Checkpoints:Directory", Store));
        script.Weir.AddAzureBlobCheckpoints();
        var (code, output, _) = await script.RunAsync(["checkpoints", .. args]);
        return (code, output);
    }
}
