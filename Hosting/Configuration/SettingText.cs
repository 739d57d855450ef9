using System.Globalization;

namespace Weir.Hosting;

/// <summary>Reads and prints the values of settings: durations and sizes with their units, secrets masked.</summary>
internal static class SettingText
{
    private static readonly string[] s_secretWords = ["password", "secret", "token", "sasl", "ssl.key", "sslkey", "accountkey", "accesskey", "sharedaccess"];

    // Those that end like another one come before it. Flink's spellings are among them: m is a minute there, too.
    private static readonly (string Unit, TimeSpan Length)[] s_durations =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("min", TimeSpan.FromMinutes(1)), ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)),
        ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    private static readonly (string Unit, long Bytes)[] s_sizes = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40)];

    // As in Flink, 1,024 of the smaller one.
    private static readonly (string Unit, long Bytes)[] s_otherSizes = [("kb", 1L << 10), ("mb", 1L << 20), ("gb", 1L << 30), ("tb", 1L << 40)];

    /// <summary>The value as it may be shown.</summary>
    public static string Masked(string path, string? value) => value is null or "" ? "" : IsSecret(path) ? "***" : value;

    /// <summary><c>00:00:10</c>, or a number with a unit: <c>500ms</c>, <c>10s</c>, <c>5min</c> or <c>5m</c>, <c>2h</c>, <c>1d</c>. A bare number has no unit (.NET would take days), so it is none.</summary>
    public static bool TryDuration(string text, out TimeSpan value)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
        }
        foreach (var (unit, length) in s_durations)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && TryNumber(text[..^unit.Length], out double count) && count < TimeSpan.MaxValue / length)
            {
                value = length * count;
                return true;
            }
        }
        value = default;
        return false;
    }

    /// <summary>A number of bytes, or one with a unit: <c>64MiB</c>, <c>32kb</c>.</summary>
    public static bool TrySize(string text, out long value)
    {
        foreach (var (unit, bytes) in s_sizes.Concat(s_otherSizes))
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase) && TryNumber(text[..^unit.Length], out double count) && count < long.MaxValue / bytes)
            {
                value = (long)(count * bytes);
                return true;
            }
        }
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>The value as it is written in a settings file.</summary>
    public static string Of(object? value) => value switch
    {
        null => "none",
        long bytes => Size(bytes),
        bool flag => flag ? "true" : "false",
        TimeSpan duration => duration.ToString("c", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>Bytes with the largest unit that fits.</summary>
    public static string Size(long bytes)
    {
        var (unit, length) = s_sizes.LastOrDefault(size => bytes >= size.Bytes, ("B", 1));
        return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / length:0.#} {unit}");
    }

    // Where a secret lies is none.
    private static bool IsSecret(string path) =>
        !path.EndsWith("File", StringComparison.OrdinalIgnoreCase)
        && (s_secretWords.Any(word => path.Contains(word, StringComparison.OrdinalIgnoreCase)) || path.EndsWith(":ConnectionString", StringComparison.OrdinalIgnoreCase));

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text.TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
