using Weir.Tests.Doubles;

namespace Weir.Chaos;

/// <summary>The ledger under full back-pressure on a real Kafka, killed at seeded times; its whole output is read afterwards.</summary>
public sealed class LedgerChaosTests(AnyBroker broker, ITestOutputHelper log) : IDisposable
{
    private const int Records = 400_000;
    private const int Accounts = 2_000;
    private const int Poison = 1_000;

    // All queues before the sinks are full at this rate, and the input lasts longer than the kills.
    private const double Throttled = 500;
    private const double Free = 1e9;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-chaos-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(20261125, 28)]
    public async Task Kills_under_back_pressure_lose_repeat_and_reorder_nothing(int seed, int kills)
    {
        var topics = await TopicsAsync($"{seed}", Poison);
        var chance = new Random(seed);
        int withInFlight = 0;
        long inFlight = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            // Every life has as many subtasks as it likes: what was in flight finds its way.
            await using var life = WeirProcess.StartLedger(topics, _folder, Throttled, parallelism: chance.Next(1, 6));
            await LiveAsync(life, kill, chance);
            await life.KillAsync();
            withInFlight += life.RestoredInFlight > 0 ? 1 : 0;
            inFlight += life.RestoredInFlight ?? 0;
        }
        await FinishAsync(topics);

        log.WriteLine($"{kills} kills, {withInFlight} restores with in-flight records before them, {inFlight} in all");
        Assert.True(withInFlight > kills / 3, $"only {withInFlight} of {kills} restores carried in-flight records");
        Assert.Equal("missing 0, duplicates 0, reordered 0, wrong balance 0, corrupt 0, wrong letters 0", topics.Audit().ToString());
    }

    [Fact]
    public async Task A_stop_takes_a_last_checkpoint_and_the_next_run_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM");
        var topics = await TopicsAsync("stop");
        await using (var life = WeirProcess.StartLedger(topics, _folder, Throttled))
        {
            Assert.True(life.Await("checkpoint", s_patience), life.Errors);
            life.Terminate();
            Assert.True(life.Await("done", s_patience), life.Errors);
            Assert.Equal(0, await life.ExitCodeAsync(s_patience));
        }
        await FinishAsync(topics);

        Assert.Equal("missing 0, duplicates 0, reordered 0, wrong balance 0, corrupt 0, wrong letters 0", topics.Audit().ToString());
    }

    [Fact]
    public async Task A_life_that_was_paused_while_another_took_over_gives_way_and_writes_nothing_more()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGSTOP");
        var topics = await TopicsAsync("pause");
        var chance = new Random(20261126);
        for (int round = 0; round < 4; round++)
        {
            await using var paused = WeirProcess.StartLedger(topics, _folder, Throttled);
            Assert.True(paused.Await("checkpoint", s_patience), paused.Errors);
            await Task.Delay(chance.Next(0, 300), TestContext.Current.CancellationToken);      // anywhere in a checkpoint, or between two
            paused.Pause();
            await using var other = WeirProcess.StartLedger(topics, _folder, Throttled);
            Assert.True(other.Await("checkpoint", s_patience), other.Errors);
            paused.GoOn();
            await paused.Says("gives way to another life").WaitAsync(s_patience, TestContext.Current.CancellationToken);
            await paused.KillAsync();      // else it comes back after a while, and the other gives way
            Assert.True(other.Await("checkpoint", s_patience), other.Errors);
        }
        await FinishAsync(topics);

        Assert.Equal("missing 0, duplicates 0, reordered 0, wrong balance 0, corrupt 0, wrong letters 0", topics.Audit().ToString());
    }

    /// <summary>Lets it live for a while: into its start, into the first second after its restore, or past a checkpoint.</summary>
    private static async Task LiveAsync(WeirProcess life, int kill, Random chance)
    {
        switch (kill % 4)
        {
            case 1:
                await Task.Delay(chance.Next(0, 2000));
                break;
            case 3:
                Assert.True(life.Await("restored", s_patience), life.Errors);
                await Task.Delay(chance.Next(0, 1000));
                break;
            default:
                Assert.True(life.Await("checkpoint", s_patience), life.Errors);
                await Task.Delay(chance.Next(0, 500));
                break;
        }
    }

    private async Task<LedgerTopics> TopicsAsync(string name, int poison = 0)
    {
        // The broker may be one that had earlier runs.
        string run = Path.GetFileName(_folder);
        var topics = new LedgerTopics(await broker.BootstrapAsync(), $"in-{name}-{run}", $"out-{name}-{run}", Records, Accounts, poison);
        await topics.FeedAsync();
        return topics;
    }

    private async Task FinishAsync(LedgerTopics topics)
    {
        await using var last = WeirProcess.StartLedger(topics, _folder, Free);
        int code = await last.ExitCodeAsync(s_patience);
        Assert.True(code == 0, $"exit code {code}: {last.Errors}");
    }
}
