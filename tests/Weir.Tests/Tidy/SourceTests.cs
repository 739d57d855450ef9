using System.Text.RegularExpressions;

namespace Weir.Tests.Tidy;

public sealed partial class SourceTests
{
    private const int LinesMax = 600;

    // Where a job's surroundings are named, chance unless another is given; and the names of temporary files and of blocks, on which nothing depends.
    private static readonly string[] s_defaults = ["Runtime/Tasks/JobRunnerServices.cs: Random.Shared", "StateStore/Storage/LocalStorage.cs: Guid.NewGuid", "StateStore/Azure/AzureBlobFile.cs: Guid.NewGuid"];

    [Fact]
    public void No_file_hides_a_second_noun() =>
        Assert.DoesNotContain(SourceTree.Files(".cs"), file => SourceTree.Read(file).AsSpan().Count('\n') >= LinesMax);

    [Theory]
    [InlineData("StateStore/")]
    [InlineData("Runtime/")]
    public void Time_and_chance_are_handed_in(string folder) => Assert.Empty(Matches(folder, TimeOrChance()).Except(s_defaults));

    [Theory]
    [InlineData("StateStore/")]
    [InlineData("Runtime/")]
    [InlineData("Hosting/")]
    public void Nobody_sleeps(string folder) => Assert.Empty(Matches(folder, Sleep()));

    [Theory]
    [InlineData(".cs")]
    [InlineData(".csproj")]
    [InlineData(".json")]
    [InlineData(".md")]
    [InlineData(".props")]
    public void No_path_of_one_machine_is_written_down(string ending) =>
        Assert.DoesNotContain(SourceTree.Files(ending), file => MachinePath().IsMatch(SourceTree.Read(file)));

    [Fact]
    public void Nothing_is_left_for_later() => Assert.Empty(Matches("", Later()));

    private static IEnumerable<string> Matches(string folder, Regex wrong) =>
        from file in SourceTree.Files(".cs")
        where file.StartsWith(folder, StringComparison.Ordinal) && !file.StartsWith("tests/Weir.Tests/Tidy/", StringComparison.Ordinal)
        from match in wrong.Matches(SourceTree.Read(file))
        select $"{file}: {match.Value}";

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bDateTime\.Today\b|\bnew Random\(\)|\bRandom\.Shared\b|\bGuid\.(NewGuid|CreateVersion7)\b|\bStopwatch\.")]
    private static partial Regex TimeOrChance();

    [GeneratedRegex(@"\bThread\.Sleep\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"(?<![\w.:/])/(home|root|work|Users)/\w|\b[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b")]
    private static partial Regex Later();
}
