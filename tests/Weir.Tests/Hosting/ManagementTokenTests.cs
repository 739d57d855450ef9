using Microsoft.Extensions.Options;
using Weir.Hosting;

namespace Weir.Tests.Hosting;

public sealed class ManagementTokenTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-token-").FullName;

    private string TokenFile => Path.Combine(_folder, "deep", "store.token");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_is_made_once_for_its_owner_alone_and_kept()
    {
        var made = Loaded();
        string token = made.Read();
        Assert.Null(made.Problem);
        Assert.Equal(64, token.Length);
        Assert.True(made.Is(token));
        Assert.Equal([TokenFile], Directory.GetFiles(Path.GetDirectoryName(TokenFile)!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TokenFile));
        }

        Assert.True(Loaded().Is(token));
        File.Delete(TokenFile);
        Assert.False(Loaded().Is(token));
    }

    [Fact]
    public async Task Programs_that_start_together_have_one()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Loaded().Read(), TestContext.Current.CancellationToken)));
        Assert.Single(tokens.Distinct());
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(TokenFile)!));
    }

    [Fact]
    public void One_that_others_may_read_is_none()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Rights are Unix's here.");
        string token = Loaded().Read();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(TokenFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }

        var refused = Loaded();
        Assert.Contains("Others than its owner", refused.Problem, StringComparison.Ordinal);
        Assert.False(refused.Is(token));
    }

    [Fact]
    public void A_folder_that_everybody_may_write_holds_none()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Rights are Unix's here.");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);
        }
        var refused = Loaded(Path.Combine(_folder, "store.token"));
        Assert.Contains("Everybody may write", refused.Problem, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void What_is_no_token_is_left_alone_and_said()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(TokenFile)!);
        File.WriteAllText(TokenFile, "hello");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(TokenFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var refused = Loaded();
        Assert.Contains("It is no token", refused.Problem, StringComparison.Ordinal);
        Assert.False(refused.Is("hello"));
        Assert.Equal("hello", File.ReadAllText(TokenFile));
    }

    private ManagementToken Loaded(string? file = null)
    {
        var options = new WeirOptions();
        options.Management.TokenFile = file ?? TokenFile;
        var token = new ManagementToken(Options.Create(options));
        token.LoadOrMake();
        return token;
    }
}
