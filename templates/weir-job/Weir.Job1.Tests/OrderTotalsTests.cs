using Weir.Testing;
using Xunit;

namespace Weir_Job1.Tests;

public sealed class OrderTotalsTests
{
    [Fact]
    public void Each_order_has_its_total()
    {
        using var test = JobTest.Of(new OrderTotals());
        test.Source<Order>("orders").Add(new Order(1, 10), new Order(1, 5));
        test.Run();                                          // until nothing more can be done
        Assert.Equal([new Total(1, 10), new Total(1, 15)], test.Sink<Total>("totals").Records);
    }

    // Each seed is another order of all steps, and each crash comes a step later than the one before.
    [Fact]
    public void No_crash_loses_or_doubles_a_total()
    {
        for (int step = 0; step < 200; step++)
        {
            using var test = JobTest.Of(new OrderTotals(), new JobTestOptions { Seed = step });
            test.Source<Order>("orders").Add(new Order(1, 10));
            test.Run();
            test.Checkpoint();
            test.Source<Order>("orders").Add(new Order(1, 5));
            test.TriggerCheckpoint();                        // and in the midst of the next one
            test.Run(step);
            test.Crash();                                    // all since the last checkpoint is forgotten
            test.Rescale(parallelism: 4);
            test.Run();                                      // restores first
            Assert.Equal([new Total(1, 10), new Total(1, 15)], test.Sink<Total>("totals").Records);
        }
    }
}
