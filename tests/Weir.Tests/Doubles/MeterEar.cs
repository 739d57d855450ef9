using System.Diagnostics.Metrics;
using Weir.Runtime;

namespace Weir.Tests.Doubles;

/// <summary>Looks at what the instruments show of one job now: all programs of a process share their meter.</summary>
internal static class MeterEar
{
    /// <summary>The values of an instrument, with the values of all further tags in their order.</summary>
    public static List<(string Tags, double Value)> Look(string job, string instrument)
    {
        var seen = new List<(string, double)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (published, listener) =>
            {
                if (published.Meter.Name == WeirInstruments.MeterName && published.Name == instrument)
                {
                    listener.EnableMeasurementEvents(published);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Take(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => Take(value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;

        void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var all = tags.ToArray();
            if (all.Contains(new(WeirInstruments.Job, job)))
            {
                seen.Add((string.Join(' ', all.Where(tag => tag.Key != WeirInstruments.Job).Select(tag => tag.Value)), value));
            }
        }
    }
}
