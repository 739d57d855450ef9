using System.Collections;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Weir.Hosting;

/// <summary>Reads a section into options and gathers all that does not fit: unknown keys, and values that are none of the property's type.</summary>
/// <remarks>The configuration's own binder stops at the first of these, and takes a duration of <c>10</c> for ten days.</remarks>
internal static class OptionsBinder
{
    public static void Bind(IConfigurationSection section, object options, List<string> problems)
    {
        var properties = options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance);
        var setBy = new Dictionary<PropertyInfo, string>();
        foreach (var child in section.GetChildren())
        {
            var (property, flink) = Find(properties, child.Key);
            if (property is null)
            {
                problems.Add(Unknown(child.Path, properties));
            }
            else if (!setBy.TryAdd(property, child.Path))
            {
                problems.Add($"{setBy[property]} and {child.Path} are one setting: remove one of them.");
            }
            else
            {
                BindProperty(child, flink, options, property, problems);
            }
        }
    }

    private static (PropertyInfo? Property, FlinkKeyAttribute? Flink) Find(PropertyInfo[] properties, string key)
    {
        foreach (var property in properties)
        {
            if (property.Name.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return (property, null);
            }
            if (property.GetCustomAttributes<FlinkKeyAttribute>().FirstOrDefault(flink => flink.Name.Equals(key, StringComparison.OrdinalIgnoreCase)) is { } flink)
            {
                return (property, flink);
            }
        }
        return (null, null);
    }

    private static void BindProperty(IConfigurationSection section, FlinkKeyAttribute? flink, object options, PropertyInfo property, List<string> problems)
    {
        if (property.GetValue(options) is IList<string> texts)
        {
            BindList(section, texts, problems);
        }
        else if (property.GetValue(options) is IDictionary entries)
        {
            BindEntries(section, entries, problems);
        }
        else if (!property.CanWrite)
        {
            Bind(section, property.GetValue(options)!, problems);
        }
        else if ((flink?.Translate(section.Value) ?? section.Value) is not { Length: > 0 } text)
        {
            problems.Add($"{section.Path} has no value: give it {Expected(property.PropertyType)}, or remove it for the default ({Default(property, options)}).");
        }
        else if (TryParse(property.PropertyType, text, out object? value))
        {
            property.SetValue(options, value);
        }
        else
        {
            string shown = SettingText.Masked(section.Path, text);
            problems.Add($"{section.Path} is '{shown}', which is not {Expected(property.PropertyType)}: correct it, or remove it for the default ({Default(property, options)}).");
        }
    }

    private static void BindList(IConfigurationSection section, IList<string> texts, List<string> problems)
    {
        if (section.Value is { Length: > 0 })
        {
            problems.Add($"{section.Path} is a list: write {section.Path}:0, {section.Path}:1 and so on, or [\"..\", \"..\"] in JSON.");
        }
        foreach (var child in section.GetChildren())
        {
            texts.Add(child.Value ?? "");
        }
    }

    private static void BindEntries(IConfigurationSection section, IDictionary entries, List<string> problems)
    {
        var types = entries.GetType().GetGenericArguments();
        if (types[1] == typeof(string))
        {
            BindTexts(section, section.Path.Length + 1, entries);
            return;
        }
        foreach (var child in section.GetChildren())
        {
            if (!TryParse(types[0], child.Key, out object? key))
            {
                problems.Add($"{child.Path} should be named by {Expected(types[0])}: correct the name, or remove it.");
            }
            else if (types[1].IsValueType)
            {
                BindNumber(child, types[1], entries, key!, problems);
            }
            else
            {
                object entry = entries[key!] ?? Activator.CreateInstance(types[1])!;
                Bind(child, entry, problems);
                entries[key!] = entry;
            }
        }
    }

    private static void BindNumber(IConfigurationSection section, Type type, IDictionary entries, object key, List<string> problems)
    {
        if (TryParse(type, section.Value ?? "", out object? value))
        {
            entries[key] = value;
        }
        else
        {
            problems.Add($"{section.Path} is '{SettingText.Masked(section.Path, section.Value)}', which is not {Expected(type)}: correct it, or remove it.");
        }
    }

    // Names with dots are one key in JSON; from the environment a dot may come as a colon.
    private static void BindTexts(IConfigurationSection section, int prefix, IDictionary entries)
    {
        foreach (var child in section.GetChildren())
        {
            if (child.Value is { } text)
            {
                entries[child.Path[prefix..].Replace(':', '.')] = text;
            }
            BindTexts(child, prefix, entries);
        }
    }

    private static bool TryParse(Type type, string text, out object? value)
    {
        if (Nullable.GetUnderlyingType(type) is not null && text.Equals(SettingText.Of(null), StringComparison.OrdinalIgnoreCase))
        {
            value = null;
            return true;
        }
        type = Nullable.GetUnderlyingType(type) ?? type;
        (bool parsed, value) = type switch
        {
            _ when type == typeof(string) => (true, (object?)text),
            _ when type == typeof(bool) => (bool.TryParse(text, out bool flag), flag),
            _ when type == typeof(int) => (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number), number),
            _ when type == typeof(long) => (SettingText.TrySize(text, out long size), size),
            _ when type == typeof(short) => (short.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out short number), number),
            _ when type == typeof(DateTimeOffset) => (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time), time),
            _ when type == typeof(TimeSpan) => (SettingText.TryDuration(text, out var duration), duration),
            _ when type.IsEnum => (Enum.TryParse(type, text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out object? word) && Enum.IsDefined(type, word!), word),
            _ => throw new InvalidOperationException($"Settings of type {type} are not read."),
        };
        return parsed;
    }

    private static string Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) || type == typeof(short) => "a whole number",
            _ when type == typeof(DateTimeOffset) => "a time such as 2026-01-31T12:00:00Z",
            _ when type == typeof(long) => "a size such as 64MiB",
            _ when type == typeof(TimeSpan) => "a duration such as 00:00:10 or 10s",
            _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type))}",
            _ => "a text",
        };
    }

    private static string Default(PropertyInfo property, object options) => SettingText.Of(property.GetValue(Activator.CreateInstance(options.GetType())));

    private static string Unknown(string path, PropertyInfo[] properties) =>
        $"{path} is not a setting: remove it, or correct its name; there are {string.Join(", ", properties.Select(property => property.Name))}.";
}
