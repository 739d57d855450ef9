using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

public abstract class KafkaCommitTests(TestBroker broker)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_first_start_finds_nothing_and_commits_pointer_0()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        await using (var first = await LifeScript.StartAsync(kafka, "a"))
        {
            Assert.Null(first.Found!.Pointer);
            Assert.False(first.Found.GroupHasOffsets);
            Assert.NotNull(first.Found.ClusterId);
        }
        await using var second = await LifeScript.StartAsync(kafka, "b");
        Assert.Equal(0, second.Found!.Pointer!.CheckpointId);
        Assert.Equal("a", second.Found.Pointer.LifeId);
    }

    [Fact]
    public async Task A_commit_makes_output_offsets_and_pointer_visible_at_once()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var (topic, input) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, ["x", "y"]);
        await using var life = LifeScript.Open(kafka, "a");
        await using var source = life.OpenSource(input);
        await life.StartAsync(topic);
        life.Writer().Write("one", "two");
        await life.PrepareAsync(1, new() { [input] = [new SplitPosition($"{input}-0", 2)] });
        Assert.Empty(kafka.Committed(topic, 0));
        Assert.Single(kafka.Committed($"weir-commits-{kafka.Job}", 0));
        await life.CommitAsync(1);
        Assert.Equal(["one", "two"], kafka.Committed(topic, 0));
        Assert.Equal(2, kafka.Committed($"weir-commits-{kafka.Job}", 0).Count);
        await using var next = await LifeScript.StartAsync(kafka, "b", topic);
        Assert.Equal(life.Pointer(1).Location, next.Found!.Pointer!.Location);
        Assert.True(next.Found.GroupHasOffsets);
    }

    [Fact]
    public async Task All_of_one_transaction_lies_before_any_of_the_next_in_every_partition()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(3);
        await using var life = LifeScript.Open(kafka, "a");
        var sink = life.OpenSink(topic);
        await sink.CheckAsync(Now);
        await life.StartAsync();
        using var early = new WriterScript(sink, 0);
        using var late = new WriterScript(sink, 1);
        for (int checkpoint = 1; checkpoint <= 5; checkpoint++)
        {
            early.Write(Records(checkpoint, 300));
            await life.Commit.MaySwitchAsync(Now);
            early.Writer.Switch(checkpoint);
            early.Write(Records(checkpoint + 1, 100));       // ahead: this must wait
            late.Write(Records(checkpoint, 2000));           // behind: still of the old transaction
            late.Writer.Switch(checkpoint);
            late.Write(Records(checkpoint + 1, 50));
            await life.SwitchedAsync(checkpoint);
            await life.CommitAsync(checkpoint);
        }
        for (int partition = 0; partition < 3; partition++)
        {
            var epochs = kafka.Written(topic, partition).Select(Epoch).ToList();
            Assert.Equal(epochs.Order(), epochs);
        }
        Assert.Equal(5 * 2300 + 4 * 150, Enumerable.Range(0, 3).Sum(partition => kafka.Committed(topic, partition).Count));

        static IEnumerable<string> Records(int epoch, int count) => Enumerable.Range(0, count).Select(number => $"{epoch}:{number}");
        static int Epoch(string record) => int.Parse(record.Split(':')[0], null);
    }

    [Fact]
    public async Task What_is_written_between_switch_and_release_is_bounded_and_goes_on_after_it()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        var options = kafka.Options();
        options.Client.StagingRecordsMax = 100;
        await using var life = LifeScript.Open(kafka, "a", options);
        await life.StartAsync(topic);
        await life.Commit.MaySwitchAsync(Now);
        life.Writer().Writer.Switch(1);
        for (int i = 0; i < 100; i++)
        {
            Assert.True(life.Writer().Writer.IsReady);
            life.Writer().Write($"{i}");
        }
        Assert.False(life.Writer().Writer.IsReady);
        await life.SwitchedAsync(1);
        await life.Writer().ReadyAsync();
        await life.CommitAsync(1);
        life.Writer().Write("100");
        await life.CheckpointAsync(2);
        Assert.Equal(Enumerable.Range(0, 101).Select(number => $"{number}"), kafka.Committed(topic, 0));
    }

    [Fact]
    public async Task A_finished_subtask_that_never_switches_loses_nothing()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        await using var life = LifeScript.Open(kafka, "a");
        await life.StartAsync(topic);
        life.Writer().Write("last words");
        life.Writer().Writer.Dispose();
        await life.Commit.MaySwitchAsync(Now);
        await life.SwitchedAsync(1);
        await life.CommitAsync(1);
        Assert.Equal(["last words"], kafka.Committed(topic, 0));
    }

    [Fact]
    public async Task A_life_that_ends_before_the_switch_leaves_nothing_behind()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        await using (var life = await LifeScript.StartAsync(kafka, "a", topic))
        {
            life.Writer().Write("kept");
            await life.CheckpointAsync(1);
            life.Writer().Write("given up");
        }
        await using var next = await LifeScript.StartAsync(kafka, "b", topic);
        Assert.Equal(1, next.Found!.Pointer!.CheckpointId);
        next.Writer().Write("again");
        await next.CheckpointAsync(2);
        Assert.Equal(["kept", "again"], kafka.Committed(topic, 0));
    }

    [Fact]
    public async Task A_life_that_ends_after_prepare_leaves_the_checkpoint_before()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        var life = await LifeScript.StartAsync(kafka, "a", topic);
        life.Writer().Write("kept");
        await life.CheckpointAsync(1);
        life.Writer().Write("prepared");
        await life.PrepareAsync(2);
        await using (var next = await LifeScript.StartAsync(kafka, "b", topic))
        {
            Assert.Equal(1, next.Found!.Pointer!.CheckpointId);
            Assert.Equal(["kept"], kafka.Committed(topic, 0));
        }
        await life.DisposeAsync();
    }

    [Fact]
    public async Task A_second_life_fences_the_first_which_gives_way_and_nothing_appears_twice()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        await using var first = await LifeScript.StartAsync(kafka, "a", topic);
        first.Writer().Write("one");
        await first.CheckpointAsync(1);
        first.Writer().Write("two");
        await first.PrepareAsync(2);
        await using var second = await LifeScript.StartAsync(kafka, "b", topic);
        Assert.Equal(1, second.Found!.Pointer!.CheckpointId);
        second.Writer().Write("two");
        var fenced = await Assert.ThrowsAsync<JobException>(() => first.CommitAsync(2));
        Assert.Equal(JobFailure.Fenced, fenced.Reason);
        await second.CheckpointAsync(2);
        Assert.Equal(["one", "two"], kafka.Committed(topic, 0));
        Assert.Equal("b", (await second.Commit.ReadPointerAsync(Now))!.LifeId);
    }

    [Fact]
    public async Task Two_lives_that_start_at_once_write_nothing_twice_and_one_gives_way()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        int fenced = 0;
        for (int round = 0; round < 10; round++)
        {
            using var together = new Barrier(2);
            using var oneGaveWay = new CancellationTokenSource();
            bool[] gaveWay = await Task.WhenAll(LiveAsync(kafka, topic, $"{round}a", together, oneGaveWay), LiveAsync(kafka, topic, $"{round}b", together, oneGaveWay));
            fenced += gaveWay.Count(static one => one);
            Assert.Contains(true, gaveWay);
        }
        await using var last = await LifeScript.StartAsync(kafka, "last", topic);
        long committed = last.Found!.Pointer?.CheckpointId ?? 0;
        TestContext.Current.TestOutputHelper?.WriteLine($"{fenced} of 20 lives gave way, {committed} checkpoints");
        Assert.Equal(Enumerable.Range(1, (int)committed).Select(number => $"{number}"), kafka.Committed(topic, 0));

        // Counts on from the pointer it found, a number a checkpoint, until one gives way; the slower one meets the faster one wherever that is.
        static async Task<bool> LiveAsync(KafkaScript kafka, string topic, string name, Barrier together, CancellationTokenSource oneGaveWay)
        {
            await using var life = LifeScript.Open(kafka, name);
            await Task.Factory.StartNew(() => together.SignalAndWait(Now), Now, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            try
            {
                await life.StartAsync(topic);
                long found = life.Found!.Pointer?.CheckpointId ?? 0;
                for (long next = found + 1; !life.IsInDoubt && !oneGaveWay.IsCancellationRequested; next++)
                {
                    life.Writer().Write($"{next}");
                    await life.CheckpointAsync(next);
                }
                return life.IsInDoubt;
            }
            catch (JobException failure)
            {
                // A commit that meets the other's init may be answered "unknown error": this life then ends, too, and the next start says what holds.
                Assert.True(failure.Reason == JobFailure.Fenced || failure.Message.Contains("EndTxn", StringComparison.Ordinal), failure.ToString());
                return true;
            }
            finally
            {
                await oneGaveWay.CancelAsync();
            }
        }
    }

    [Fact]
    public async Task A_start_that_meets_a_commit_sees_it_or_prevents_it()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(1);
        for (int round = 0; round < 5; round++)
        {
            await using var old = LifeScript.Open(kafka, $"old-{round}");
            await old.StartAsync(topic);
            long next = (old.Found!.Pointer?.CheckpointId ?? 0) + 1;
            old.Writer().Write($"{round}");
            await old.PrepareAsync(next);
            await using var late = LifeScript.Open(kafka, $"late-{round}");
            var starting = late.StartAsync(topic);
            bool committed = true;
            try
            {
                await old.CommitAsync(next);
            }
            catch (JobException failure)
            {
                Assert.Equal(JobFailure.Fenced, failure.Reason);
                committed = false;
            }
            await starting;
            // Whatever the old life was told, the new one knows what holds: output and pointer agree.
            bool visible = kafka.Committed(topic, 0).Contains($"{round}");
            Assert.Equal(visible, late.Found!.Pointer!.CheckpointId == next);
            Assert.True(visible || !committed);
        }
    }

    [Fact]
    public async Task Many_checkpoints_follow_each_other_and_the_newest_pointer_is_found()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string topic = await kafka.TopicAsync(2);
        await using (var life = await LifeScript.StartAsync(kafka, "a", topic))
        {
            for (int checkpoint = 1; checkpoint <= 60; checkpoint++)
            {
                life.Writer().Write($"{checkpoint}");
                await life.CheckpointAsync(checkpoint);
            }
        }
        await using var next = await LifeScript.StartAsync(kafka, "b", topic);
        Assert.Equal(60, next.Found!.Pointer!.CheckpointId);
        Assert.Equal(60, kafka.Committed(topic, 0).Count + kafka.Committed(topic, 1).Count);
    }

    [Fact]
    public async Task A_job_without_a_transactional_sink_commits_pointer_and_offsets()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string input = await kafka.TopicAsync(1);
        kafka.Produce(input, 0, ["x", "y"]);
        await using (var life = LifeScript.Open(kafka, "a"))
        {
            await using var source = life.OpenSource(input);
            await life.StartAsync();
            await life.Commit.PrepareAsync(life.Pointer(1), new Dictionary<string, IReadOnlyList<SplitPosition>> { [input] = [new($"{input}-0", 2)] }, Now);
            await life.CommitAsync(1);
        }
        await using var next = await LifeScript.StartAsync(kafka, "b");
        Assert.Equal(1, next.Found!.Pointer!.CheckpointId);
        Assert.True(next.Found.GroupHasOffsets);
    }

    [Fact]
    public async Task A_commits_topic_that_may_forget_is_refused()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        string forgetful = await kafka.TopicAsync(1, ("cleanup.policy", "delete"));
        var options = kafka.Options();
        options.Client.CommitsTopic.Name = forgetful;
        await using var life = LifeScript.Open(kafka, "a", options);
        var refused = await Assert.ThrowsAsync<JobException>(() => life.StartAsync());
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Contains("cleanup.policy", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_without_a_broker_gives_up_when_it_was_told_to()
    {
        await using var kafka = await KafkaScript.OnAsync(broker);
        var options = kafka.Options();
        options.Client.BootstrapServers = "127.0.0.1:1";
        options.Client.StartupTimeout = TimeSpan.FromSeconds(1);
        await using var life = LifeScript.Open(kafka, "a", options);
        var unreachable = await Assert.ThrowsAsync<JobException>(() => life.StartAsync());
        Assert.Equal(JobFailure.Unreachable, unreachable.Reason);
    }
}

public sealed class KafkaCommitTestsOnSandbox(SandboxBroker broker) : KafkaCommitTests(broker);

public sealed class KafkaCommitTestsOnKafka(RealBroker broker) : KafkaCommitTests(broker);
