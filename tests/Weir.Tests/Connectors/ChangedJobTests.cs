using System.Text.Json;
using Weir.Connectors.Kafka;
using Weir.Jobs;
using Weir.Runtime;
using Weir.StateStore;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>A new version of a job goes on from a checkpoint of the old one, records in flight included.</summary>
public abstract class ChangedJobTests(TestBroker broker) : IDisposable
{
    private const int Accounts = 5;
    private const int Orders = 2000;

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-changed-").FullName;

    [Fact]
    public async Task Version_2_takes_over_state_and_records_in_flight_of_version_1()
    {
        await using var kafka = await StartAsync();
        long inFlight = await RunUntilInFlightAsync(kafka, new OrderTotalsV1Job(throttle: 200));
        var restored = new Observer();
        Assert.Equal(JobOutcome.Finished, await RunAsync(kafka, new OrderTotalsV2Job(), restored));
        Assert.Equal(inFlight, restored.InFlight);
        var last = Committed(kafka).GroupBy(total => total.Account).ToDictionary(account => account.Key, account => account.Last());
        Assert.Equal(Accounts, last.Count);
        for (int account = 0; account < Accounts; account++)
        {
            var total = last[$"a{account}"];
            Assert.Equal(Enumerable.Range(0, Orders).Where(order => order % Accounts == account).Sum(), total.Cents);
            Assert.InRange(total.Orders, 1, Orders / Accounts);
        }
        Assert.Equal(Orders, Committed(kafka).Count);
    }

    [Fact]
    public async Task Without_its_upgrades_it_is_refused_by_name_and_the_old_version_still_goes_on()
    {
        await using var kafka = await StartAsync();
        await RunUntilInFlightAsync(kafka, new OrderTotalsV1Job(throttle: 200));
        var refused = await Assert.ThrowsAsync<JobException>(() => RunAsync(kafka, new WithoutUpgrades(), new Observer()));
        Assert.Equal(JobFailure.Configuration, refused.Reason);
        Assert.Contains("State 'total' of operator 'totals-per-account' was written by codec weir.int64 v1, and would be read by running-total v1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("in-flight records of edge 'orders->totals-per-account#0'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Codecs.AddUpgrade(..)", refused.Message, StringComparison.Ordinal);
        Assert.Equal(JobOutcome.Finished, await RunAsync(kafka, new OrderTotalsV1Job(), new Observer()));
        Assert.Equal(Orders, Committed(kafka).Count);
    }

    [Fact]
    public async Task What_fits_nowhere_may_be_lost_or_left_behind_and_is_counted()
    {
        await using var kafka = await StartAsync();
        long inFlight = await RunUntilInFlightAsync(kafka, new OrderTotalsV1Job(throttle: 200));
        var refused = await Assert.ThrowsAsync<JobException>(() => RunAsync(kafka, new PassOn(), new Observer()));
        Assert.Contains("--drop-in-flight", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--allow-dropped-state", refused.Message, StringComparison.Ordinal);
        Assert.Equal(JobOutcome.Finished, await RunAsync(kafka, new PassOn(), new Observer(), drops: true));
        Assert.Equal(Orders - inFlight, Committed(kafka).Count);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private string In { get; set; } = "";

    private string Out { get; set; } = "";

    private async Task<KafkaScript> StartAsync()
    {
        var kafka = await KafkaScript.OnAsync(broker);
        (In, Out) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(In, 0, Enumerable.Range(0, Orders).Select(order => $$"""{"account":"a{{order % Accounts}}","cents":{{order}}}"""));
        return kafka;
    }

    /// <summary>Runs until a checkpoint with records in flight counts, and kills it; returns how many.</summary>
    private async Task<long> RunUntilInFlightAsync(KafkaScript kafka, IJob job)
    {
        using var kill = new CancellationTokenSource();
        var observer = new Observer { Kill = kill };
        Assert.Equal(JobOutcome.Cancelled, await RunAsync(kafka, job, observer));
        return observer.LastInFlight;
    }

    private async Task<JobOutcome> RunAsync(KafkaScript kafka, IJob job, Observer observer, bool drops = false)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(observer.Kill?.Token ?? default, TestContext.Current.CancellationToken);
        var options = new KafkaJobOptions { Client = kafka.Options().Client };
        options.Sources["orders"] = new KafkaSourceOptions { Topic = In, End = SourceEnd.Current };
        options.Sinks["totals"] = new KafkaSinkOptions { Topic = Out };
        var settings = new JobSettings { Name = kafka.Job, Parallelism = 1, CheckpointInterval = TimeSpan.FromMilliseconds(50), AlignedCheckpointTimeout = TimeSpan.Zero, AllowDroppedState = drops, DropInFlight = drops };
        return await new JobRunner(job, settings, new LocalStorage(_folder), new KafkaConnectorFactory(options), new JobRunnerServices { Observer = observer })
            .RunAsync(CancellationToken.None, either.Token).WaitAsync(KafkaScript.Hang, TestContext.Current.CancellationToken);
    }

    private List<AccountTotal> Committed(KafkaScript kafka) => [.. kafka.Committed(Out, 0).Select(text => JsonSerializer.Deserialize(text, OrdersJson.Default.AccountTotal)!)];

    private sealed class WithoutUpgrades : IJob
    {
        public void Build(JobBuilder job)
        {
            job.Codecs.Add(RunningTotal.Codec);
            job.FromKafka("orders", Order.Codec).KeyBy(order => order.Account).Process<Keep, AccountTotal>("totals-per-account").ToKafka("totals", AccountTotal.Codec);
        }

        private sealed class Keep(KeyedState state) : KeyedProcess<string, Order, AccountTotal>
        {
            private readonly ValueState<RunningTotal> _total = state.Value<RunningTotal>("total");

            public override void Process(in Order record, KeyedContext<string, AccountTotal> context) => context.Emit(new AccountTotal(context.Key, _total.Value.Cents, 0));
        }
    }

    /// <summary>Another job altogether, which only reads the same topic.</summary>
    private sealed class PassOn : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("orders", Order.Codec).Map(order => new AccountTotal(order.Account, order.Cents, 1)).ToKafka("totals", AccountTotal.Codec);
    }

    private sealed class Observer : IJobObserver
    {
        public CancellationTokenSource? Kill { get; init; }

        public long InFlight { get; private set; }

        public long LastInFlight { get; private set; }

        public void Started(long? restored, long inFlightRecords) => InFlight = inFlightRecords;

        public void CheckpointCompleted(CheckpointReport report)
        {
            // Not the first: some totals are to be there already.
            if (Kill is { IsCancellationRequested: false } kill && report is { Id: > 2, InFlightRecords: > 0 })
            {
                LastInFlight = report.InFlightRecords;
                kill.Cancel();
            }
        }
    }
}

public sealed class ChangedJobTestsOnSandbox(SandboxBroker broker) : ChangedJobTests(broker);

public sealed class ChangedJobTestsOnKafka(RealBroker broker) : ChangedJobTests(broker);
