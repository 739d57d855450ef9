using System.Globalization;
using Weir.Hosting;

namespace Weir.Tests.Hosting.Configuration;

/// <summary>Values of settings as one would write them.</summary>
internal static class Words
{
    private static readonly (string Unit, TimeSpan Length)[] s_units =
        [("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("min", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1))];

    /// <summary>The bounds of a setting, put into a text; empty where it has none.</summary>
    public static string Range(Setting setting, string format) =>
        setting.Range is { } range && range.IsValid(setting.Default) // Which has the bounds of a duration read.
            ? string.Format(CultureInfo.InvariantCulture, format, $"{Of(range.Minimum)} to {Of(range.Maximum)}")
            : "";

    public static string Of(object value) => value switch
    {
        TimeSpan { Ticks: 0 } => "0s",
        TimeSpan duration => s_units.Where(unit => duration.Ticks % unit.Length.Ticks == 0).Select(unit => string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / unit.Length.Ticks}{unit.Unit}")).First(),
        0L => "0",
        long bytes => SettingText.Size(bytes).Replace(" ", "", StringComparison.Ordinal),
        _ => SettingText.Of(value),
    };
}
