using System.Runtime.CompilerServices;

namespace Weir.Tests.Tidy;

/// <summary>The checkout that these tests were built from.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    /// <summary>All files with an ending, with their paths from the root, without what is built, and without what a template makes elsewhere.</summary>
    public static IEnumerable<string> Files(string ending) =>
        Directory.EnumerateFiles(Root, "*" + ending, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or ".git" or "artifacts" or "BenchmarkDotNet.Artifacts" or "weir-job"));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    // Deterministic builds keep the real path: no source root is mapped.
    private static string ThisFile([CallerFilePath] string file = "") => file;
}
