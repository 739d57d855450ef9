using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Weir.Tests.Simulation;

public sealed class SimulationTests
{
    /// <summary>Fixed, so that every run proves the same. <c>WEIR_SEEDS</c> runs more, from <c>WEIR_FIRST_SEED</c> on, for <c>WEIR_SECONDS</c> at most; <c>WEIR_SEED</c> runs one.</summary>
    private const int Seeds = 400;

    /// <summary>Beyond those, each of which once showed a fault that they had not.</summary>
    private static readonly int[] _onceWrong = [988_381_953, 988_382_156, 988_385_890];

    [Fact]
    public void Whatever_happens_every_record_is_there_once_and_in_its_order()
    {
        if (Number("WEIR_SEED") is { } one)
        {
            _ = new Simulation(one).Run();
            return;
        }
        foreach (int seed in _onceWrong)
        {
            _ = new Simulation(seed).Run();
        }
        int seeds = Number("WEIR_SEEDS") ?? Seeds;
        long began = Stopwatch.GetTimestamp();
        var limit = Number("WEIR_SECONDS") is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        var figures = Enumerable.Range(Number("WEIR_FIRST_SEED") ?? 1, seeds)
            .TakeWhile(_ => Stopwatch.GetElapsedTime(began) < limit)
            .Select(seed => new Simulation(seed).Run().Figures).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(Table(figures, Stopwatch.GetElapsedTime(began)));
        if (seeds >= Seeds && limit == TimeSpan.MaxValue)
        {
            foreach (var what in Enum.GetValues<Event>())
            {
                Assert.True(figures.Count(seed => seed.Has(what)) * 50 >= seeds, $"{what} took effect in {figures.Count(seed => seed.Has(what))} of {seeds} seeds: too few to prove anything");
            }
            Assert.True(figures.Count(seed => seed.Has(Event.RestoredInFlight) || seed.Has(Event.RescaledInFlight)) * 10 >= seeds * 3, "too few seeds restore in-flight records to prove anything");
            Assert.True(Median(figures.Select(seed => (long)seed.Records)) >= 500, "too few records to prove anything");
            Assert.True(Median(figures.Select(seed => (long)seed.Checkpoints)) >= 3, "too few checkpoints to prove anything");
        }
    }

    private static string Table(List<SimulationFigures> figures, TimeSpan took)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{figures.Count} seeds in {took.TotalSeconds:0.0} s, {figures.Count / took.TotalMinutes:0} a minute");
        text.AppendLine(CultureInfo.InvariantCulture, $"records {figures.Sum(seed => (long)seed.Records)}, in the median {Median(figures.Select(seed => (long)seed.Records))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"checkpoints {figures.Sum(seed => (long)seed.Checkpoints)}, in the median {Median(figures.Select(seed => (long)seed.Checkpoints))}; steps at most {figures.Max(seed => seed.Steps)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"longest way of barriers {figures.Max(seed => seed.BarrierShare):0.00} of what is allowed");
        text.AppendLine(CultureInfo.InvariantCulture, $"restores {figures.Sum(seed => (long)seed.Restores)}, records in flight restored {figures.Sum(seed => seed.InFlightRecords)}");
        foreach (var what in Enum.GetValues<Event>())
        {
            int seeds = figures.Count(seed => seed.Has(what));
            text.AppendLine(CultureInfo.InvariantCulture, $"{what,-20}{seeds,7}{100.0 * seeds / figures.Count,7:0.0} %");
        }
        return text.ToString();
    }

    private static long Median(IEnumerable<long> values) => values.Order().ElementAt(values.Count() / 2);

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
