using System.Globalization;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>When the group's offsets are to be committed again though no position moved: brokers forget each that nobody committed for a while, since the group has no members.</summary>
/// <remarks>A restart does not need them; those who watch the group do. Thread: any.</remarks>
internal sealed class GroupOffsetsAge(TimeProvider time)
{
    /// <summary>The broker's setting: minutes that an offset is kept.</summary>
    public const string Setting = "offsets.retention.minutes";

    /// <summary>A checkpoint of a job that does nothing costs little, and the hour shows whoever looks at the group that the job lives.</summary>
    private static readonly TimeSpan RenewMax = TimeSpan.FromHours(1);

    /// <summary>Three times in an offset's life, so that a checkpoint may fail, and another one.</summary>
    private const int RenewalsInLife = 3;

    private long _committedAt = time.GetTimestamp();
    private long _renewAfterTicks = RenewMax.Ticks;
    private long _lifeTicks;

    /// <summary>Whether it is time.</summary>
    public bool IsDue => time.GetElapsedTime(Volatile.Read(ref _committedAt)).Ticks >= Volatile.Read(ref _renewAfterTicks);

    /// <summary>How long brokers keep them from now on; null where they do not say how long that is.</summary>
    public TimeSpan? Left => Volatile.Read(ref _lifeTicks) is > 0 and var life ? TimeSpan.FromTicks(life) - time.GetElapsedTime(Volatile.Read(ref _committedAt)) : null;

    /// <summary>All of them were committed.</summary>
    public void Committed() => Volatile.Write(ref _committedAt, time.GetTimestamp());

    /// <summary>Takes a broker's settings.</summary>
    public void Take(IReadOnlyDictionary<string, string> settings)
    {
        if (!long.TryParse(settings.GetValueOrDefault(Setting), CultureInfo.InvariantCulture, out long minutes) || minutes <= 0 || minutes > int.MaxValue)
        {
            return;
        }
        Volatile.Write(ref _lifeTicks, TimeSpan.FromMinutes(minutes).Ticks);
        if (minutes < RenewMax.TotalMinutes * RenewalsInLife)
        {
            Volatile.Write(ref _renewAfterTicks, (TimeSpan.FromMinutes(minutes) / RenewalsInLife).Ticks);
        }
    }
}
