using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Weir.Hosting;

/// <summary>Checks options against the ranges that stand on their properties, wherever the values came from.</summary>
internal static class OptionsRanges
{
    public static void Check(object options, string path, List<string> problems)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            object? value = property.GetValue(options);
            string here = $"{path}:{property.Name}";
            if (value is IDictionary entries)
            {
                foreach (DictionaryEntry entry in entries)
                {
                    CheckNested(entry.Value, $"{here}:{entry.Key}", problems);
                }
            }
            else if (!property.CanWrite)
            {
                CheckNested(value, here, problems);
            }
            else if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
            {
                object? otherwise = property.GetValue(Activator.CreateInstance(options.GetType()));
                problems.Add(
                    $"{here} is {SettingText.Of(value)}, which is out of range: set it to {SettingText.Of(range.Minimum)} up to {SettingText.Of(range.Maximum)}, "
                    + $"or remove it for the default ({SettingText.Of(otherwise)}).");
            }
            else if (property.GetCustomAttribute<MinLengthAttribute>() is { } length && !length.IsValid(value))
            {
                problems.Add($"{here} is empty: give it a value, or remove it for the default.");
            }
        }
    }

    private static void CheckNested(object? value, string path, List<string> problems)
    {
        if (value is not (null or string or ValueType))
        {
            Check(value, path, problems);
        }
    }
}
