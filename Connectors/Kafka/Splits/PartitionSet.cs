using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Weir.Connectors.Kafka.Splits;

/// <summary>The partitions of one topic that a source is to read, as they are written in its settings: <c>0-3,7</c>. Pure.</summary>
internal sealed class PartitionSet
{
    private readonly List<(int First, int Last)> _ranges;

    private PartitionSet(List<(int First, int Last)> ranges) => _ranges = ranges;

    /// <summary>The highest of them.</summary>
    public int Highest => _ranges.Max(range => range.Last);

    /// <summary>Numbers and ranges with commas between; false where the text is anything else.</summary>
    public static bool TryParse(string text, [MaybeNullWhen(false)] out PartitionSet set)
    {
        set = null;
        var ranges = new List<(int First, int Last)>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last) || last < first)
            {
                return false;
            }
            ranges.Add((first, last));
        }
        set = new PartitionSet(ranges);
        return true;
    }

    public bool Contains(int partition) => _ranges.Exists(range => range.First <= partition && partition <= range.Last);

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
