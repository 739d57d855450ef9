using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Weir.Connectors.Kafka;
using Weir.Hosting;
using Weir.Jobs;
using Weir.Runtime;
using Weir.Tests.Doubles;
using Weir.Tests.Tidy;

namespace Weir.Tests.Hosting;

/// <summary>The instruments that there are, against docs/metrics.md and <see cref="WeirInstruments"/>.</summary>
public sealed partial class InstrumentTests
{
    [Fact]
    public void The_documentation_lists_every_instrument_with_its_unit_and_kind() =>
        Assert.Equal(Documented().Order(), Instruments().Select(instrument => $"{instrument.Name} {instrument.Unit} {KindOf(instrument)}").Distinct().Order());

    [Fact]
    public void Every_instrument_has_a_unit_and_a_description_and_a_public_name()
    {
        var names = typeof(WeirInstruments).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).ToHashSet();

        Assert.All(Instruments(), instrument =>
        {
            Assert.False(string.IsNullOrEmpty(instrument.Unit), $"{instrument.Name} has no unit");
            Assert.False(string.IsNullOrEmpty(instrument.Description), $"{instrument.Name} has no description");
            Assert.Contains(instrument.Name, names);
        });
    }

    [Fact]
    public void The_documentation_lists_every_tag()
    {
        string text = SourceTree.Read("docs/metrics.md");
        string[] tags = [WeirInstruments.Job, WeirInstruments.Source, WeirInstruments.Sink, WeirInstruments.Task, WeirInstruments.Outcome, WeirInstruments.Kind, WeirInstruments.State, WeirInstruments.Part, WeirInstruments.ErrorType, WeirInstruments.SlackLevel, WeirInstruments.UndecodablePolicy];

        Assert.All(tags, tag => Assert.Contains($"`{tag}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_documentation_calls_them_in_Prometheus_is_what_they_are_called()
    {
        var names = Instruments().SelectMany(NamesInPrometheus).ToHashSet();

        Assert.All(NameInPrometheus().Matches(SourceTree.Read("docs/metrics.md")).Select(match => match.Value), name => Assert.Contains(name, names));
    }

    [Fact]
    public void Messages_are_also_counted_by_the_names_of_OpenTelemetrys_conventions()
    {
        string job = $"messages-{Guid.NewGuid():N}";
        var script = new SettingsScript(("Weir:Jobs:orders:Enabled", "false"), ($"Weir:Jobs:{job}:Sources:in:Topic", "orders"), ($"Weir:Jobs:{job}:Sinks:out:Topic", "copies"));
        script.Weir.AddJob(job, _ => new CopyJob());
        using var host = script.Builder.Build();

        host.Services.GetRequiredService<JobMetrics>().Show(Assert.Single(host.Services.GetRequiredService<JobRunFactory>().CreateRuns()));

        Assert.Equal([($"kafka poll orders weir.{job}", 0.0)], MeterEar.Look(job, WeirInstruments.MessagesConsumed));
        Assert.Equal([("kafka send copies", 0.0)], MeterEar.Look(job, WeirInstruments.MessagesSent));
    }

    private static IEnumerable<string> NamesInPrometheus(Instrument instrument)
    {
        string unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", "{record}/s" => "_per_second", _ => "" };
        string name = instrument.Name.Replace('.', '_') + unit;
        return KindOf(instrument) switch { "counter" => [name + "_total"], "histogram" => [name, name + "_bucket", name + "_count", name + "_sum"], _ => [name] };
    }

    private static List<Instrument> Instruments()
    {
        var instruments = new List<Instrument>();
        using var host = new SettingsScript().Builder.Build();
        _ = host.Services.GetRequiredService<JobMetrics>();
        RuntimeHelpers.RunClassConstructor(typeof(KafkaMetrics).TypeHandle);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == WeirInstruments.MeterName)
                {
                    instruments.Add(instrument);
                }
            },
        };
        listener.Start();
        return instruments;
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Histogram" => "histogram",
        "Counter" or "ObservableCounter" => "counter",
        "Gauge" or "ObservableGauge" => "gauge",
        var other => other,
    };

    private static IEnumerable<string> Documented() =>
        Row().Matches(SourceTree.Read("docs/metrics.md")).Select(row => $"{row.Groups["name"].Value} {row.Groups["unit"].Value} {row.Groups["kind"].Value}");

    [GeneratedRegex(@"^\| `(?<name>(weir|messaging)\.[a-z_.]+)` \| `(?<unit>[^`]+)` \| (?<kind>\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    // Labels have names of the same kind.
    [GeneratedRegex(@"\bweir_(?!(job|task|source|sink)\b)[a-z_]+")]
    private static partial Regex NameInPrometheus();
}
