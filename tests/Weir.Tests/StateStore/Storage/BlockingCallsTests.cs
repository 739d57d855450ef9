using Weir.StateStore;

namespace Weir.Tests.StateStore.Storage;

public sealed class BlockingCallsTests
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_that_block_do_not_wait_for_each_other()
    {
        const int Calls = 8;
        using var all = new Barrier(Calls);
        var calls = Enumerable.Range(0, Calls).Select(number => BlockingCalls.RunAsync(
            () =>
            {
                Assert.True(all.SignalAndWait(Hang), "the others never came");
                return number;
            },
            Now)).ToList();
        Assert.Equal(Enumerable.Range(0, Calls), await Task.WhenAll(calls));
    }

    [Fact]
    public async Task What_a_call_throws_reaches_who_awaits_it()
    {
        var failure = await Assert.ThrowsAsync<IOException>(() => BlockingCalls.RunAsync<int>(() => throw new IOException("no room"), Now));
        Assert.Equal("no room", failure.Message);
    }

    [Fact]
    public async Task A_call_that_was_given_up_before_it_began_is_not_made()
    {
        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        bool made = false;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BlockingCalls.RunAsync(() => made = true, given.Token));
        Assert.False(made);
    }

    [Fact]
    public async Task More_calls_than_threads_are_all_made()
    {
        var calls = Enumerable.Range(0, 500).Select(number => BlockingCalls.RunAsync(() => number, Now)).ToList();
        Assert.Equal(Enumerable.Range(0, 500), await Task.WhenAll(calls).WaitAsync(Hang, Now));
    }
}
