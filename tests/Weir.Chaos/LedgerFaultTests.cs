using Weir.Sandbox;
using Weir.Sandbox.Faults;

namespace Weir.Chaos;

/// <summary>The ledger under back-pressure on a broker that fails in every way it can: at the end its whole output is read.</summary>
public sealed class LedgerFaultTests(ITestOutputHelper log) : IDisposable
{
    private const int Records = 40_000;
    private const int Accounts = 1_000;
    private const double Slow = 500;
    private const double Free = 1e9;

    // Of each request that may be hit; the job's are hundreds a second, its commits ten.
    private const double Chance = 0.3;

    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-faults-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Side by side, each on a broker of its own: they mostly wait.
    [Fact]
    public async Task Twenty_five_faults_of_each_kind_lose_repeat_and_reorder_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM");
        // Feeding and auditing block threads, and the brokers answer on the same pool: it must not have to grow first, by a thread or two a second.
        ThreadPool.SetMinThreads(64, 64);
        var found = await Task.WhenAll(Enum.GetValues<FaultKind>().Select(async kind => $"{kind}: {await AuditAsync(kind)}"));
        Assert.All(found, audit => Assert.EndsWith(": missing 0, duplicates 0, reordered 0, wrong balance 0, corrupt 0, wrong letters 0", audit, StringComparison.Ordinal));
    }

    private async Task<LedgerAudit> AuditAsync(FaultKind kind)
    {
        string folder = Path.Combine(_folder, kind.ToString());
        var faults = new FaultPlan(seed: 20261128);
        await using var broker = InMemoryBroker.Start(new InMemoryBrokerOptions { Faults = faults });
        var topics = new LedgerTopics(broker.BootstrapServers, "in", "out", Records, Accounts);
        await topics.FeedAsync();
        await using (var life = WeirProcess.StartSlowHost(topics, folder, Slow))
        {
            try
            {
                // Where the commit of its start was slow, it counts as in doubt, and the job begins again, from there.
                var begins = await Task.WhenAny(life.Says("starts for the first time"), life.Says("continues from checkpoint 0")).WaitAsync(s_hang, TestContext.Current.CancellationToken);
                await begins;
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{kind}: the job did not start; it said\n{life.Errors}");
            }
            foreach (var (api, times) in new[] { (ApiKey.EndTxn, 7), (ApiKey.Produce, 6), (ApiKey.TxnOffsetCommit, 4), (ApiKey.AddPartitionsToTxn, 4), (ApiKey.Fetch, 4) })
            {
                faults.Add(new Fault(kind) { Api = api, Times = times, Chance = Chance, For = TimeSpan.FromMilliseconds(200) });
            }
            bool happened = faults.AllHappened == await Task.WhenAny(faults.AllHappened, Task.Delay(s_hang, TestContext.Current.CancellationToken));
            Assert.True(happened, $"{kind}: {faults.Happened} faults happened; the job said\n{life.Errors}");
            log.WriteLine($"{kind}: {faults.Happened} faults, {life.Errors.Split("failed and restarts").Length - 1} restarts of the job");
            life.Terminate();
            int stopped = await life.ExitCodeAsync(s_hang);
            Assert.True(stopped == 0, life.Errors);
        }
        await using var last = WeirProcess.StartSlowHost(topics, folder, Free);
        int code = await last.ExitCodeAsync(s_hang);
        Assert.True(code == 0, last.Errors);
        return topics.Audit();
    }
}
