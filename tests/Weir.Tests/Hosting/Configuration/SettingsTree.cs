using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.RegularExpressions;
using Weir.Connectors.Kafka;
using Weir.Hosting;
using Weir.Runtime;

namespace Weir.Tests.Hosting.Configuration;

/// <summary>One setting, or a group of them by names of the operator's choice.</summary>
/// <param name="Name">Its name in its section.</param>
/// <param name="Type">The value's type, without the question mark.</param>
/// <param name="MayBeNone">Whether <c>None</c> is a value.</param>
/// <param name="Kind">How many values it has.</param>
/// <param name="Default">What it is where nobody sets it; null for none.</param>
/// <param name="Range">Its bounds; null where it has none.</param>
/// <param name="Flink">What else it may be called.</param>
/// <param name="Text">What it does.</param>
internal sealed record Setting(string Name, Type Type, bool MayBeNone, SettingKind Kind, object? Default, RangeAttribute? Range, FlinkKeyAttribute[] Flink, string Text);

internal enum SettingKind
{
    Value,
    List,
    Entries,
}

/// <summary>A section of settings.</summary>
/// <param name="Name">Its name in the section above.</param>
/// <param name="Text">What it is for.</param>
/// <param name="Key">What its sections are named by, each of which has the settings; null where it has them itself.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Sections">The sections below.</param>
internal sealed record Section(string Name, string Text, string? Key, IReadOnlyList<Setting> Settings, IReadOnlyList<Section> Sections);

/// <summary>All settings, found as <see cref="OptionsBinder"/> finds them.</summary>
internal static partial class SettingsTree
{
    public static DocComments Comments { get; } = new(typeof(WeirOptions).Assembly, typeof(KafkaOptions).Assembly, typeof(JobSettings).Assembly);

    public static Section Root { get; } = Walk(WeirOptions.Section, Comments.Of(typeof(WeirOptions)), null, new WeirOptions());

    private static Section Walk(string name, string text, string? key, object options)
    {
        var settings = new List<Setting>();
        var sections = new List<Section>();
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            object? value = property.GetValue(options);
            string comment = Comments.Of(property);
            if (value is IList<string>)
            {
                settings.Add(Of(property, typeof(string), SettingKind.List, null, comment));
            }
            else if (value is IDictionary && property.PropertyType.GetGenericArguments()[1] is var type)
            {
                if (type == typeof(string) || type.IsValueType)
                {
                    settings.Add(Of(property, type, SettingKind.Entries, null, comment));
                }
                else
                {
                    sections.Add(Walk(property.Name, comment, property.Name.TrimEnd('s').ToLowerInvariant(), Activator.CreateInstance(type)!));
                }
            }
            else if (!property.CanWrite)
            {
                sections.Add(Walk(property.Name, comment, null, value!));
            }
            else
            {
                settings.Add(Of(property, property.PropertyType, SettingKind.Value, value, comment));
            }
        }
        return new Section(name, text, key, settings, sections);
    }

    private static Setting Of(PropertyInfo property, Type type, SettingKind kind, object? otherwise, string text) => new(
        property.Name,
        Nullable.GetUnderlyingType(type) ?? type,
        Nullable.GetUnderlyingType(type) is not null,
        kind,
        otherwise,
        property.GetCustomAttribute<RangeAttribute>(),
        [.. property.GetCustomAttributes<FlinkKeyAttribute>()],
        Null().Replace(text, found => Nullable.GetUnderlyingType(type) is not null ? "`None`" : found.Value[0] == 'N' ? "Not set" : "not set"));

    // What null is in code, an operator writes as None, or leaves out.
    [GeneratedRegex(@"\b[Nn]ull\b")]
    private static partial Regex Null();
}
