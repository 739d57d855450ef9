using Weir.Sandbox;
using Weir.Sandbox.Faults;

namespace Weir.Tests.Sandbox;

public sealed class FaultPlanTests
{
    [Fact]
    public void A_fault_hits_its_requests_as_often_as_it_says_and_no_other()
    {
        var plan = new FaultPlan().Add(new Fault(FaultKind.DropAfter) { Api = ApiKey.EndTxn, Times = 2 });

        Assert.Null(plan.For(ApiKey.Produce));
        Assert.Equal(FaultKind.DropAfter, plan.For(ApiKey.EndTxn)?.Kind);
        Assert.False(plan.AllHappened.IsCompleted);
        Assert.NotNull(plan.For(ApiKey.EndTxn));
        Assert.Null(plan.For(ApiKey.EndTxn));
        Assert.Equal(2, plan.Happened);
        Assert.True(plan.AllHappened.IsCompletedSuccessfully);
    }

    [Fact]
    public void The_same_seed_hits_the_same_requests()
    {
        Assert.Equal(Hits(7), Hits(7));
        Assert.NotEqual(Hits(7), Hits(8));

        static string Hits(int seed)
        {
            var plan = new FaultPlan(seed).Add(new Fault(FaultKind.DropBefore) { Times = 20, Chance = 0.3 });
            return string.Concat(Enumerable.Range(0, 100).Select(_ => plan.For(ApiKey.Fetch) is null ? '.' : 'x'));
        }
    }

    [Fact]
    public void A_connection_may_always_begin() => Assert.Null(new FaultPlan().Add(new Fault(FaultKind.DropBefore)).For(ApiKey.ApiVersions));

    [Fact]
    public void What_can_not_happen_is_refused()
    {
        var plan = new FaultPlan();

        Assert.Throws<ArgumentException>(() => plan.Add(new Fault(FaultKind.Error) { Api = ApiKey.Metadata }));
        Assert.Throws<ArgumentException>(() => plan.Add(new Fault(FaultKind.Stall) { Times = 0 }));
        Assert.Throws<ArgumentException>(() => plan.Add(new Fault(FaultKind.Stall) { Chance = 1.5 }));
        Assert.True(plan.AllHappened.IsCompleted);
    }
}
