using System.Diagnostics;
using System.Globalization;
using Weir.Jobs;
using Weir.Runtime;
using Weir.Testing;

namespace Weir.Tests.Testing;

public sealed class JobTestTests
{
    [Fact]
    public void Time_stands_still_until_it_is_told_to_advance()
    {
        using var test = JobTest.Of(new OrderTotalsV1Job(throttle: 1));
        var totals = test.Sink<AccountTotal>("totals");
        test.Source<OrderV1>("orders").Add([.. Enumerable.Repeat(new OrderV1("a", 1), 100)]);
        test.Run();
        int before = totals.Records.Count;
        var began = test.Time.GetUtcNow();

        test.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(TimeSpan.FromSeconds(30), test.Time.GetUtcNow() - began);
        Assert.InRange(totals.Records.Count - before, 29, 31);
    }

    [Fact]
    public void What_an_operator_throws_is_thrown_at_the_test_and_the_next_run_begins_at_the_last_checkpoint()
    {
        using var test = JobTest.Of(new Reciprocals());
        var numbers = test.Source<long>("numbers");
        var reciprocals = test.Sink<string>("reciprocals");
        numbers.Add(4);
        test.Run();
        test.Checkpoint();
        numbers.Add(2, 0);

        var failed = Assert.Throws<JobException>(test.Run);

        Assert.IsType<DivideByZeroException>(failed.InnerException);
        Assert.Equal(["25"], reciprocals.Records);
        Assert.Throws<JobException>(test.Run);
    }

    [Fact]
    public void A_message_that_the_codec_cant_read_fails_the_job_and_says_where_it_lies()
    {
        using var test = JobTest.Of(new OrderTotalsV1Job());
        test.Source<OrderV1>("orders").AddMessage(new TestMessage(null, "no order"u8.ToArray()));

        var failed = Assert.Throws<JobException>(test.Run);

        Assert.Equal(JobFailure.Permanent, failed.Reason);
        Assert.StartsWith("Source orders: record 0 of orders-0 can't be decoded: ", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_side_output_goes_where_the_job_sends_it()
    {
        using var test = JobTest.Of(new EvenAndOdd());
        test.Source<long>("numbers").Add(1, 2, 3, 4);

        test.Run();

        Assert.Equal([2, 4], test.Sink<long>("even").Records);
        Assert.Equal([1, 3], test.Sink<long>("odd").Records);
    }

    [Fact]
    public void A_topic_that_the_job_does_not_have_is_refused_with_those_it_has()
    {
        using var test = JobTest.Of(new OrderTotalsV1Job());

        Assert.Contains("it has: orders", Assert.Throws<ArgumentException>(() => test.Source<OrderV1>("order")).Message, StringComparison.Ordinal);
        Assert.Contains("are not Order", Assert.Throws<ArgumentException>(() => test.Source<Order>("orders")).Message, StringComparison.Ordinal);
        Assert.Contains("it has: totals", Assert.Throws<ArgumentException>(() => test.Sink<AccountTotal>("orders")).Message, StringComparison.Ordinal);
    }

    /// <summary>Other tests of this process may have loaded it, so this one runs in one of its own.</summary>
    [Fact]
    public async Task No_native_library_is_loaded_for_a_job_of_Kafka_topics()
    {
        const string Alone = "WEIR_TEST_ALONE";
        if (Environment.GetEnvironmentVariable(Alone) is null)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, ["--no-progress", "--filter-method", $"{typeof(JobTestTests).FullName}.{nameof(No_native_library_is_loaded_for_a_job_of_Kafka_topics)}"]) { RedirectStandardOutput = true };
            start.Environment[Alone] = "1";
            using var process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, output);
            return;
        }
        using var test = JobTest.Of(new WordCountJob());
        test.Source<string>("lines").Add("one line");
        test.Run();
        test.Checkpoint();
        Assert.Equal(2, test.Sink<WordTotal>("words").Committed.Count);
        using var own = Process.GetCurrentProcess();
        Assert.DoesNotContain(own.Modules.Cast<ProcessModule>(), module => module.ModuleName.Contains("rdkafka", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void The_harness_knows_no_connector() =>
        Assert.DoesNotContain(typeof(JobTest).Assembly.GetReferencedAssemblies(), assembly => assembly.Name!.Contains("Kafka", StringComparison.Ordinal));

    private sealed class Reciprocals : IJob
    {
        public void Build(JobBuilder job) => job.FromKafka("numbers", Codec.Int64)
            .Map(number => (100 / number).ToString(CultureInfo.InvariantCulture))
            .ToKafka("reciprocals", Codec.Utf8);
    }

    private sealed class EvenAndOdd : IJob
    {
        private static readonly OutputTag<long> s_odd = new("odd", Codec.Int64);

        public void Build(JobBuilder job)
        {
            var even = job.FromKafka("numbers", Codec.Int64).Process<Split, long>("split");
            even.ToKafka("even", Codec.Int64);
            even.SideOutput(s_odd).ToKafka("odd", Codec.Int64);
        }

        private sealed class Split : StreamProcess<long, long>
        {
            public override void Process(in long record, ProcessContext<long> context)
            {
                if (record % 2 == 0)
                {
                    context.Emit(record);
                }
                else
                {
                    context.Emit(s_odd, record);
                }
            }
        }
    }
}
