using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Weir.Tests.Hosting.Configuration;

/// <summary>What the XML comments of the product say of a member, in Markdown; <c>inheritdoc</c> is followed.</summary>
internal sealed partial class DocComments
{
    private readonly Dictionary<string, XElement> _members = [];

    public DocComments(params Assembly[] assemblies)
    {
        foreach (var assembly in assemblies)
        {
            foreach (var member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
            {
                _members[(string)member.Attribute("name")!] = member;
            }
        }
    }

    public string Of(PropertyInfo property) => Summary($"P:{property.DeclaringType!.FullName}.{property.Name}");

    public string Of(Type type) => Summary($"T:{type.FullName}");

    public string Of(Type type, string word) => Summary($"F:{type.FullName}.{word}");

    private string Summary(string name)
    {
        var member = _members.GetValueOrDefault(name) ?? throw new InvalidOperationException($"{name} has no comment, so that nobody can look up what it does.");
        return member.Element("inheritdoc") is { } from ? Summary((string)from.Attribute("cref")!) : Spaces().Replace(string.Concat(member.Element("summary")!.Nodes().Select(Text)), " ").Trim();
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{((string)see.Attribute("cref")!).Split('.', ':')[^1]}`",
        _ => throw new InvalidOperationException($"{node} is not written into documents."),
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
