using System.Globalization;
using System.Text.RegularExpressions;

namespace Weir.Tests.Hosting;

/// <summary>Reads Prometheus' text format, and is strict where Prometheus is: each line is one of those that the format has, and what belongs to a family stands together.</summary>
internal sealed partial class PrometheusText
{
    private readonly Dictionary<string, Family> _families = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">A line is none of the format's.</exception>
    public PrometheusText(string text)
    {
        Family? family = null;
        var closed = new HashSet<string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n').Where(line => line.Length > 0 && line != "# EOF"))
        {
            if (Comment().Match(line) is { Success: true } comment)
            {
                string name = comment.Groups["name"].Value;
                if (family?.Name != name)
                {
                    _ = family is not null && closed.Add(family.Name);
                    family = closed.Contains(name) ? throw new FormatException($"{name} comes in two pieces: {line}") : _families[name] = new Family(name);
                }
                string value = comment.Groups["value"].Value;
                (family.Type, family.Unit, family.Help) = comment.Groups["kind"].Value switch
                {
                    "TYPE" => (value, family.Unit, family.Help),
                    "UNIT" => (family.Type, value, family.Help),
                    _ => (family.Type, family.Unit, value),
                };
            }
            else if (Sample().Match(line) is { Success: true } sample && family is not null && sample.Groups["name"].Value.StartsWith(family.Name, StringComparison.Ordinal))
            {
                var labels = Label().Matches(sample.Groups["labels"].Value).ToDictionary(label => label.Groups["name"].Value, label => label.Groups["value"].Value);
                string number = sample.Groups["number"].Value;
                family.Samples.Add(new(sample.Groups["name"].Value, labels, number == "+Inf" ? double.PositiveInfinity : double.Parse(number, CultureInfo.InvariantCulture)));
            }
            else
            {
                throw new FormatException($"This is no line of the format, or stands in the wrong place: {line}");
            }
        }
    }

    public IReadOnlyCollection<Family> Families => _families.Values;

    public Family this[string name] => _families.TryGetValue(name, out var family) ? family : throw new KeyNotFoundException($"There is no {name}, but {string.Join(", ", _families.Keys)}");

    [GeneratedRegex(@"^# (?<kind>TYPE|HELP|UNIT) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<value>.*)$")]
    private static partial Regex Comment();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*",?)*)\})? (?<number>[-+]?[0-9.]+([eE][-+]?[0-9]+)?|\+Inf|NaN)( [0-9.]+)?$""")]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)",?""")]
    private static partial Regex Label();

    internal sealed record Series(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    internal sealed class Family(string name)
    {
        public string Name => name;

        public string? Type { get; set; }

        public string? Unit { get; set; }

        public string? Help { get; set; }

        public List<Series> Samples { get; } = [];

        /// <summary>The value with these labels; several are added up.</summary>
        public double Of(params (string Name, string Value)[] labels) => Of(name, labels);

        /// <summary>The value of a series of the family, such as a histogram's count.</summary>
        public double Of(string series, params (string Name, string Value)[] labels)
        {
            var found = Samples.Where(sample => sample.Name == series && labels.All(label => sample.Labels.TryGetValue(label.Name, out string? value) && value == label.Value)).ToList();
            Assert.True(found.Count > 0, $"{series} has no {string.Join(", ", labels)}, but {string.Join("; ", Samples.Select(sample => $"{sample.Name} {string.Join(", ", sample.Labels)}"))}");
            return found.Sum(sample => sample.Value);
        }
    }
}
