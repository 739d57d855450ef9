using System.Globalization;
using Weir.Runtime;

namespace Weir.Tests.Simulation;

public sealed class LedgerSimulationTests
{
    /// <summary>Fixed, so that every run proves the same; <c>WEIR_SEEDS</c> runs more.</summary>
    private const int Seeds = 300;

    [Fact]
    public void A_crash_at_any_step_loses_and_repeats_nothing()
    {
        int first = 1;
        int seeds = int.Parse(Environment.GetEnvironmentVariable("WEIR_SEEDS") ?? Seeds.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        if (Environment.GetEnvironmentVariable("WEIR_SEED") is { } one)
        {
            (first, seeds) = (int.Parse(one, CultureInfo.InvariantCulture), 1);
        }
        var figures = Enumerable.Range(first, seeds).Select(seed => new Simulation(seed).Run().Figures).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{figures.Count} seeds, {figures.Sum(f => f.Records)} records, {figures.Sum(f => f.Checkpoints)} checkpoints, {figures.Sum(f => f.Restores)} restores; "
            + $"seeds with: crash {Share(f => f.Crashes > 0)}, in-flight restored {Share(f => f.RestoresInFlight > 0)}, storage failure {Share(f => f.StorageFailures > 0)}, "
            + $"commit in doubt {Share(f => f.CommitsInDoubt > 0)}, checkpoint given up {Share(f => f.GivenUp > 0)}, aligned {Share(f => f.Mode == CheckpointMode.Aligned)}, turned unaligned {Share(f => f.Turned > 0)}, rescaled with in-flight records {Share(f => f.RescalesInFlight > 0)}; "
            + $"{figures.Sum(f => f.InFlightRecords)} in-flight records restored"));
        if (seeds >= Seeds)
        {
            Assert.True(figures.Count(f => f.RestoresInFlight > 0) > seeds / 4, "too few seeds restore in-flight records to prove anything");
            Assert.True(figures.Count(f => f.RescalesInFlight > 0) > seeds / 20, "too few seeds restore in-flight records into another parallelism to prove anything");
            Assert.True(figures.Count(f => f.Turned > 0) > seeds / 10, "too few seeds have a checkpoint that turns unaligned to prove anything");
        }

        string Share(Func<Figures, bool> has) => $"{figures.Count(has)}";
    }
}
