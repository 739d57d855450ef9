using Weir.Jobs;
using Weir.Runtime;
using Weir.Testing;

namespace Weir.Tests.Testing;

public sealed class OrderTotalsJobTests
{
    [Fact]
    public void Records_go_in_and_come_out()
    {
        using var test = JobTest.Of(new OrderTotalsV1Job());

        test.Source<OrderV1>("orders").Add(new OrderV1("a", 10), new OrderV1("b", 1), new OrderV1("a", 5));
        test.Run();

        Assert.Equal([new("a", 10, 0), new("a", 15, 0), new("b", 1, 0)], test.Sink<AccountTotal>("totals").Records.OrderBy(total => total.Account));
        Assert.Equal("a"u8.ToArray(), test.Sink<AccountTotal>("totals").Messages[0].Key.GetValueOrDefault().ToArray());
    }

    [Fact]
    public void A_crash_forgets_what_no_checkpoint_holds_and_the_next_run_does_it_again()
    {
        using var test = JobTest.Of(new OrderTotalsV1Job());
        var orders = test.Source<OrderV1>("orders");
        var totals = test.Sink<AccountTotal>("totals");
        orders.Add(new OrderV1("a", 10));
        test.Run();
        Assert.Empty(totals.Committed);
        test.Checkpoint();
        Assert.Equal([new("a", 10, 0)], totals.Committed);
        orders.Add(new OrderV1("a", 5));
        test.Run();
        Assert.Equal([new("a", 10, 0), new("a", 15, 0)], totals.Records);

        test.Crash();

        Assert.Equal([new("a", 10, 0)], totals.Records);
        test.Run();
        Assert.Equal([new("a", 10, 0), new("a", 15, 0)], totals.Records);
    }

    [Fact]
    public void Version_2_goes_on_where_version_1_stopped_with_its_records_in_flight()
    {
        bool hadInFlight = false;
        for (int steps = 20; steps < 60; steps++)
        {
            using var test = JobTest.Of(new OrderTotalsV1Job(), new JobTestOptions { Parallelism = 2, Seed = steps });
            test.Source<OrderV1>("orders").Add([.. Enumerable.Range(0, 100).Select(number => new OrderV1($"account {number % 5}", 1))]);
            test.Run(steps);
            hadInFlight |= test.Checkpoint().InFlightRecords > 0;

            test.Upgrade(new OrderTotalsV2Job());
            test.Source<Order>("orders").Add(new Order("account 0", 1000, "USD"));
            test.Run();
            test.Checkpoint();

            var last = test.Sink<AccountTotal>("totals").Committed.GroupBy(total => total.Account).ToDictionary(account => account.Key, account => (account.Count(), account.Max(total => total.Cents)));
            Assert.Equal((21, 1020), last["account 0"]);
            Assert.All(Enumerable.Range(1, 4), number => Assert.Equal((20, 20), last[$"account {number}"]));
        }
        Assert.True(hadInFlight, "no checkpoint held a record in flight");
    }

    [Fact]
    public void A_version_that_does_not_fit_the_checkpoint_is_refused_as_it_is_in_production()
    {
        using var test = JobTest.Of(new OrderTotalsV2Job());
        test.Source<Order>("orders").Add(new Order("a", 10));
        test.Run();
        test.Upgrade(new OrderTotalsV1Job());

        var refused = Assert.Throws<JobException>(test.Run);

        Assert.Equal(JobFailure.Configuration, refused.Reason);
    }
}
