using System.Xml.Linq;

namespace Weir.Tests.Tidy;

public sealed class TemplateTests
{
    // The template is restored and run by eng/template-check; this is what a new version would leave behind.
    [Theory]
    [InlineData("templates/weir-job/Weir.Job1/Weir.Job1.csproj")]
    [InlineData("templates/weir-job/Weir.Job1.Tests/Weir.Job1.Tests.csproj")]
    public void The_template_takes_the_versions_that_we_have(string project)
    {
        string weir = XDocument.Parse(SourceTree.Read("Directory.Build.props")).Descendants("Version").Single().Value;
        var versions = XDocument.Parse(SourceTree.Read("Directory.Packages.props")).Descendants("PackageVersion").ToDictionary(package => (string)package.Attribute("Include")!, package => (string)package.Attribute("Version")!);

        Assert.All(
            XDocument.Parse(SourceTree.Read(project)).Descendants("PackageReference"),
            package => Assert.Equal(versions.GetValueOrDefault((string)package.Attribute("Include")!, weir), (string?)package.Attribute("Version")));
    }

    [Fact]
    public void What_the_template_refers_to_is_a_package()
    {
        var packages = SourceTree.Files(".csproj").Where(project => SourceTree.Read(project).Contains("<IsPackable>true</IsPackable>", StringComparison.Ordinal)).ToDictionary(project => Path.GetFileNameWithoutExtension(project)!);
        var wrong = from project in packages.Values
                    from reference in XDocument.Parse(SourceTree.Read(project)).Descendants("ProjectReference")
                    let name = Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)
                    where !packages.ContainsKey(name)
                    select $"{project} is a package and refers to {name}, which is none";

        Assert.Empty(wrong);
        Assert.Contains("Weir.Hosting.Web", packages.Keys);
        Assert.Contains("Weir.Sandbox.Hosting", packages.Keys);
        Assert.Contains("Weir.Testing", packages.Keys);
    }
}
