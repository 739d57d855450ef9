namespace Weir.Tests.StateStore;

/// <summary>A folder for one test, which goes with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("weir-tests-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
