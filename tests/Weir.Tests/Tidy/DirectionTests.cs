using System.Xml.Linq;

namespace Weir.Tests.Tidy;

public sealed class DirectionTests
{
    // A project may know those before it. The order is the flow's: docs/design.md.
    private static readonly string[] s_order = ["StateStore", "Runtime", "Testing", "Connectors", "Hosting", "Hosting/Azure", "Hosting/OpenTelemetry", "Hosting/Web", "Jobs", "Sandbox", "Sandbox/Hosting", "Host", "bench", "tests", "templates"];

    [Fact]
    public void A_project_knows_only_those_before_it()
    {
        var wrong = from project in SourceTree.Files(".csproj")
                    from reference in Items(project, "ProjectReference")
                    let to = Path.GetRelativePath(SourceTree.Root, Path.GetFullPath(Path.Combine(SourceTree.Root, Path.GetDirectoryName(project)!, reference))).Replace('\\', '/')
                    where Place(project) < Place(to)
                    select $"{project} refers to {to}";

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("StateStore/Weir.StateStore.csproj")]
    [InlineData("Runtime/Weir.Runtime.csproj")]
    public void The_engine_knows_no_package_but_abstractions(string project) =>
        Assert.All(Items(project, "PackageReference"), package => Assert.Matches(@"^Microsoft\.Extensions\..*Abstractions$", package));

    [Fact]
    public void The_broker_that_comes_along_knows_nothing_of_what_it_proves()
    {
        const string Sandbox = "Sandbox/Weir.Sandbox.csproj";

        Assert.Empty(Items(Sandbox, "ProjectReference"));
        Assert.Empty(Items(Sandbox, "PackageReference"));
    }

    [Fact]
    public void Only_the_management_port_knows_web_types()
    {
        var wrong = SourceTree.Files(".csproj")
            .Where(project => !project.StartsWith("Hosting/Web/", StringComparison.Ordinal))
            .Where(project => SourceTree.Read(project).Contains("Microsoft.AspNetCore", StringComparison.Ordinal) || SourceTree.Read(project).Contains("Sdk.Web", StringComparison.Ordinal));

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = SourceTree.Read("Weir.slnx");

        Assert.All(SourceTree.Files(".csproj"), project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    private static int Place(string project)
    {
        int place = Array.FindLastIndex(s_order, folder => project.StartsWith(folder + "/", StringComparison.Ordinal));
        Assert.True(place >= 0, $"{project} lies in no folder that has a place");
        return place;
    }

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Parse(SourceTree.Read(project)).Descendants(kind).Select(item => (string)item.Attribute("Include")!);
}
