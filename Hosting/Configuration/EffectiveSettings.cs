using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Weir.Hosting;

/// <summary>One setting as it is in force.</summary>
/// <param name="Setting">Its path.</param>
/// <param name="Value">Its value; of a secret only that there is one.</param>
/// <param name="From">The layer that decided it: a file, the environment, the command line, the program's own code, or the default.</param>
internal sealed record EffectiveSetting(string Setting, string Value, string From)
{
    /// <summary>What <see cref="From"/> says where nobody set it.</summary>
    public const string Default = "default";
}

/// <summary>Tells which settings are in force, with the layer each came from, secrets masked.</summary>
internal sealed class EffectiveSettings
{
    private const string Brokers = "Weir:Kafka:BootstrapServers";
    private const string BrokersOtherwise = "ConnectionStrings:kafka";

    private readonly Dictionary<string, string> _paths;
    private readonly IConfigurationProvider[] _layers;
    private readonly List<EffectiveSetting> _found = [];

    private EffectiveSettings(IConfiguration configuration)
    {
        _layers = (configuration as IConfigurationRoot)?.Providers.Reverse().ToArray() ?? [];
        _paths = configuration.AsEnumerable().Where(entry => entry.Value is not null).GroupBy(entry => Spelled(entry.Key)).ToDictionary(same => same.Key, same => same.First().Key);
    }

    /// <summary>All of them, in the order of their paths.</summary>
    /// <param name="options">As they were read.</param>
    /// <param name="configuration">What they were read from.</param>
    public static IReadOnlyList<EffectiveSetting> Of(WeirOptions options, IConfiguration configuration)
    {
        var settings = new EffectiveSettings(configuration);
        settings.Walk(WeirOptions.Section, options);
        return [.. settings._found.OrderBy(setting => setting.Setting, StringComparer.OrdinalIgnoreCase)];
    }

    private void Walk(string path, object options)
    {
        object defaults = Activator.CreateInstance(options.GetType())!;
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            Add($"{path}:{property.Name}", property.GetValue(options), property.GetValue(defaults), [.. property.GetCustomAttributes<FlinkKeyAttribute>().Select(flink => $"{path}:{flink.Name}")]);
        }
    }

    private void Add(string path, object? value, object? otherwise, string[] alsoCalled)
    {
        switch (value)
        {
            case IList<string> texts:
                for (int index = 0; index < texts.Count; index++)
                {
                    Add($"{path}:{index}", texts[index], null, []);
                }
                break;
            case IDictionary entries:
                foreach (DictionaryEntry entry in entries)
                {
                    Add($"{path}:{entry.Key}", entry.Value, null, []);
                }
                break;
            case null or string or ValueType:
                string text = value is null ? "" : SettingText.Of(value);
                _found.Add(new EffectiveSetting(path, SettingText.Masked(path, text), From(path, alsoCalled) ?? (Equals(value, otherwise) ? EffectiveSetting.Default : "the program")));
                break;
            default:
                Walk(path, value);
                break;
        }
    }

    private string? From(string path, string[] alsoCalled)
    {
        string[] names = path == Brokers ? [path, BrokersOtherwise] : [path, .. alsoCalled];
        return (from name in names
                where _paths.ContainsKey(Spelled(name))
                select name == path ? Layer(name) : $"{Layer(name)}, as {name}").FirstOrDefault();
    }

    private string Layer(string name) => _layers.FirstOrDefault(layer => layer.TryGet(_paths[Spelled(name)], out _)) switch
    {
        FileConfigurationProvider file => file.Source.Path ?? "a file",
        EnvironmentVariablesConfigurationProvider => "the environment",
        CommandLineConfigurationProvider => "the command line",
        { } other => other.ToString() ?? "an unknown layer",
        null => "an unknown layer",
    };

    // A name with dots may come with colons from the environment, and capitals do not count.
    private static string Spelled(string path) => path.Replace(':', '.').ToUpperInvariant();
}
