using Weir.Jobs;
using Weir.Testing;

namespace Weir.Tests.Testing;

/// <summary>Whatever the step at which a job crashes, with a checkpoint under way or not, its output is that of a run without a crash.</summary>
public sealed class CrashAnywhereTests
{
    private const int Crashes = 200;

    private static readonly string[] s_lines = ["to be, or not to be", "that is the question", "to take arms against a sea", "to die, to sleep"];

    [Fact]
    public void The_ledger_books_each_entry_once()
    {
        var expected = Outcome(seed: 0);
        long inFlight = 0;
        for (int step = 0; step < Crashes; step++)
        {
            Assert.Equal(expected, Outcome(step, test =>
            {
                test.Run(40 + (step / 4));
                inFlight += test.Checkpoint().InFlightRecords;
                test.TriggerCheckpoint();
                test.Run(step);
                test.Crash();
            }));
        }
        Assert.True(inFlight > 0, "no checkpoint held a record in flight");

        static List<(long, long)> Outcome(int seed, Action<JobTest>? happens = null)
        {
            using var test = JobTest.Of(new LedgerJob(), new JobTestOptions { Parallelism = 3, Partitions = 2, Seed = seed });
            var source = test.Source<LedgerEntry>("in");
            for (int seq = 0; seq < 150; seq++)
            {
                byte[] padding = [(byte)seq];
                source.Add(new LedgerEntry(seq % 7, seq, 0, seq, 0, new Slice(0, 1)), padding);
            }
            happens?.Invoke(test);
            test.Run();
            test.Checkpoint();
            var sink = test.Sink<LedgerEntry>("out");
            Assert.All(sink.Committed.Zip(sink.Messages), one => Assert.Equal((byte)one.First.Seq, one.Second.Value.GetValueOrDefault().Span[^1]));
            return [.. sink.Committed.OrderBy(entry => entry.Seq).Select(entry => (entry.Seq, entry.Balance))];
        }
    }

    [Fact]
    public void Words_are_counted_once_also_with_other_numbers_of_subtasks()
    {
        var expected = Outcome(seed: 0);
        for (int step = 0; step < Crashes; step++)
        {
            Assert.Equal(expected, Outcome(step, test =>
            {
                test.Run(step);
                test.TriggerCheckpoint();
                test.Run(step);
                test.Crash();
                test.Rescale(1 + (step % 4));
                test.Run(step);
                test.Rescale(1 + (step / 4 % 4));
            }));
        }

        static List<(string, long)> Outcome(int seed, Action<JobTest>? happens = null)
        {
            using var test = JobTest.Of(new WordCountJob(), new JobTestOptions { Parallelism = 2, Partitions = 3, Seed = seed });
            test.Source<string>("lines").Add([.. Enumerable.Repeat(s_lines, 10).SelectMany(lines => lines)]);
            happens?.Invoke(test);
            test.Run();
            test.Checkpoint();
            return [.. test.Sink<WordTotal>("words").Committed.Select(total => (total.Word, total.Count)).Order()];
        }
    }

    [Fact]
    public void The_same_seed_takes_the_same_steps()
    {
        Assert.Equal(Steps(), Steps());

        static List<string> Steps()
        {
            using var test = JobTest.Of(new WordCountJob(), new JobTestOptions { Parallelism = 3, Partitions = 3, Seed = 7 });
            test.Source<string>("lines").Add(s_lines);
            var words = test.Sink<WordTotal>("words");
            var steps = new List<string>();
            while (test.Step())
            {
                steps.Add(string.Join(' ', words.Records.Select(total => total.Word)));
            }
            return steps;
        }
    }
}
