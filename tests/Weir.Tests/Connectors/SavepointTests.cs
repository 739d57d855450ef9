using System.Text.Json;
using Weir.Connectors.Kafka;
using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>A savepoint is a checkpoint that the operator keeps: a start may name it, with other subtasks and other key groups, and nothing is lost or there twice.</summary>
public abstract class SavepointTests(TestBroker broker) : IDisposable
{
    private const int Accounts = 7;
    private const int Orders = 20_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-savepoint-").FullName;

    private string In { get; set; } = "";

    private string Out { get; set; } = "";

    [Fact]
    public async Task A_job_that_stopped_with_one_goes_on_with_other_subtasks_and_other_key_groups()
    {
        await using var kafka = await StartAsync();
        var (outcome, made) = await RunAsync(kafka, throttle: 10_000, request: new("before the change") { Then = AfterSavepoint.Stop });
        Assert.Equal((JobOutcome.Stopped, 0L), (outcome, made!.InFlightRecords));
        Assert.InRange(Committed(kafka).Count, 1, Orders - 1);

        Assert.Equal(JobOutcome.Finished, (await RunAsync(kafka, from: "before the change", parallelism: 3, maxParallelism: 50)).Outcome);
        MustBeComplete(kafka);
    }

    [Fact]
    public async Task An_unaligned_one_holds_what_is_queued_and_is_made_at_once()
    {
        await using var kafka = await StartAsync();
        var (outcome, made) = await RunAsync(kafka, throttle: 1_000, request: new("now") { Unaligned = true, Then = AfterSavepoint.Stop });
        Assert.Equal(JobOutcome.Stopped, outcome);
        Assert.InRange(made!.InFlightRecords, 100, Orders); // At a thousand a second.

        Assert.Equal(JobOutcome.Finished, (await RunAsync(kafka, from: Path.Combine(_folder, made.Location), parallelism: 2, maxParallelism: 20)).Outcome);
        MustBeComplete(kafka);
    }

    [Fact]
    public async Task A_drained_job_has_processed_what_it_read_and_goes_on_behind_it()
    {
        await using var kafka = await StartAsync();
        var (outcome, made) = await RunAsync(kafka, throttle: 10_000, request: new("drained") { Then = AfterSavepoint.Drain });
        Assert.Equal((JobOutcome.Stopped, 0L), (outcome, made!.InFlightRecords));
        Assert.InRange(Committed(kafka).Count, 1, Orders - 1);

        Assert.Equal(JobOutcome.Finished, (await RunAsync(kafka)).Outcome);
        MustBeComplete(kafka);
    }

    [Fact]
    public async Task One_that_is_older_than_what_is_committed_repeats_output_only_when_that_is_accepted()
    {
        await using var kafka = await StartAsync();
        var (outcome, made) = await RunAsync(kafka, throttle: 10_000, request: new("early"));
        Assert.Equal(JobOutcome.Finished, outcome);
        MustBeComplete(kafka);

        var refused = await Assert.ThrowsAsync<JobException>(() => RunAsync(kafka, from: "early"));
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Contains("--accept-duplicates", refused.Message, StringComparison.Ordinal);
        Assert.Equal(JobOutcome.Finished, (await RunAsync(kafka)).Outcome); // Nothing was changed.
        MustBeComplete(kafka);

        Assert.Equal(JobOutcome.Finished, (await RunAsync(kafka, from: "early", acceptsDuplicates: true)).Outcome);
        Assert.InRange(Committed(kafka).Count, Orders + 1, 2 * Orders);
        Assert.Equal(Totals(kafka, Orders), Totals(kafka, Committed(kafka).Count)); // The same again, from where the savepoint stood.
        Assert.NotNull(made);
    }

    [Fact]
    public async Task Another_job_may_begin_from_it()
    {
        await using var kafka = await StartAsync();
        var (_, made) = await RunAsync(kafka, throttle: 10_000, request: new("fork") { Then = AfterSavepoint.Stop });
        int before = Committed(kafka).Count;

        Assert.Equal(JobOutcome.Finished, (await RunAsync(kafka, from: made!.Location, job: kafka.Job + "-fork")).Outcome);
        Assert.Equal(Orders - before, Committed(kafka).Count - before);
        MustBeComplete(kafka);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_the_job_goes_on()
    {
        await using var kafka = await StartAsync();
        await RunAsync(kafka, throttle: 10_000, request: new("taken") { Then = AfterSavepoint.Stop });
        var (outcome, made) = await RunAsync(kafka, request: new("taken") { Then = AfterSavepoint.Stop }, throttle: 10_000);
        Assert.Equal(JobOutcome.Finished, outcome);
        Assert.Null(made);
        Assert.Contains("there is a savepoint 'taken'", Failure!.Message, StringComparison.Ordinal);
        MustBeComplete(kafka);
    }

    [Fact]
    public async Task One_that_is_not_there_is_refused_with_those_that_are()
    {
        await using var kafka = await StartAsync();
        await RunAsync(kafka, throttle: 10_000, request: new("there") { Then = AfterSavepoint.Stop });
        foreach (string from in (string[])["elsewhere", "../elsewhere", "/elsewhere"])
        {
            var refused = await Assert.ThrowsAsync<JobException>(() => RunAsync(kafka, from: from));
            Assert.Equal(JobFailure.Configuration, refused.Reason);
            Assert.Contains(from == "elsewhere" ? "savepoints of the job: sp-there" : "is not in the checkpoint store", refused.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private Exception? Failure { get; set; }

    private async Task<KafkaScript> StartAsync()
    {
        var kafka = await KafkaScript.OnAsync(broker);
        (In, Out) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(In, 0, Enumerable.Range(0, Orders).Select(order => $$"""{"account":"a{{order % Accounts}}","cents":{{order}}}"""));
        return kafka;
    }

    /// <summary>One run; a savepoint is asked for when some totals are there.</summary>
    private async Task<(JobOutcome Outcome, Savepoint? Made)> RunAsync(
        KafkaScript kafka, double? throttle = null, SavepointRequest? request = null, string? from = null, int parallelism = 1, int maxParallelism = 128, bool acceptsDuplicates = false, string? job = null)
    {
        var options = new KafkaJobOptions { Client = kafka.Options().Client };
        options.Sources["orders"] = new KafkaSourceOptions { Topic = In, End = SourceEnd.Current };
        options.Sinks["totals"] = new KafkaSinkOptions { Topic = Out };
        var settings = new JobSettings
        {
            Name = job ?? kafka.Job,
            Parallelism = parallelism,
            MaxParallelism = maxParallelism,
            CheckpointInterval = TimeSpan.FromMilliseconds(50),
            AlignedCheckpointTimeout = TimeSpan.Zero,
            RestoreFrom = from,
            AcceptDuplicates = acceptsDuplicates,
        };
        var observer = new Observer();
        var runner = new JobRunner(new OrderTotalsV1Job(throttle), settings, new LocalStorage(_folder), new KafkaConnectorFactory(options), new JobRunnerServices { Observer = observer });
        var run = runner.RunAsync(CancellationToken.None, TestContext.Current.CancellationToken);
        var made = request is null ? null : await AskAsync(runner, request, observer);
        return (await run.WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken), made);
    }

    private async Task<Savepoint?> AskAsync(JobRunner runner, SavepointRequest request, Observer observer)
    {
        await observer.Second.Task.WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken);
        try
        {
            return await runner.TakeSavepointAsync(request, TestContext.Current.CancellationToken).WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken);
        }
        catch (JobException failure)
        {
            Failure = failure;
            TestContext.Current.TestOutputHelper?.WriteLine(failure.Message);
            return null;
        }
    }

    private void MustBeComplete(KafkaScript kafka)
    {
        var totals = Committed(kafka);
        Assert.Equal(Orders, totals.Count);
        for (int account = 0; account < Accounts; account++)
        {
            Assert.Equal(Enumerable.Range(0, Orders).Where(order => order % Accounts == account).Sum(), totals.Last(total => total.Account == $"a{account}").Cents);
        }
    }

    private Dictionary<string, long> Totals(KafkaScript kafka, int upTo) =>
        Committed(kafka).Take(upTo).GroupBy(total => total.Account).ToDictionary(account => account.Key, account => account.Last().Cents);

    private List<AccountTotal> Committed(KafkaScript kafka) => [.. kafka.Committed(Out, 0).Select(text => JsonSerializer.Deserialize(text, OrdersJson.Default.AccountTotal)!)];

    private sealed class Observer : IJobObserver
    {
        /// <summary>Ends with the second checkpoint: some totals are committed.</summary>
        public TaskCompletionSource Second { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private int _completed;

        public void CheckpointCompleted(CheckpointReport report)
        {
            if (++_completed == 2)
            {
                Second.TrySetResult();
            }
        }
    }
}

public sealed class SavepointTestsOnSandbox(SandboxBroker broker) : SavepointTests(broker);

public sealed class SavepointTestsOnKafka(RealBroker broker) : SavepointTests(broker);
