using System.Globalization;
using System.Text;
using Weir.Runtime;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>Every kind of edge, from every parallelism to every other: how many records are in flight on it at the checkpoint, and whether what comes out after the restore is right.</summary>
/// <remarks>The table is the test's output; <c>WEIR_RESCALE_TABLE</c> names a file that it is written to as well.</remarks>
public sealed class RescaleTableTests
{
    private const int Numbers = 640;
    private const int Keys = 50;
    private const int Splits = 8; // As many as the largest parallelism, so that every subtask has one to read.

    private static readonly int[] s_parallelism = [1, 2, 3, 4, 7, 8];

    /// <summary>The edges of a table, with what leads over them from sources to an operator that is held back.</summary>
    private static readonly Shape[] s_shapes =
    [
        new("forward", "a->see#0", (job, key) => From(job, "a").Union(From(job, "b", Numbers)).Process<See, Seen>("see")) { Sources = 2, Fits = (before, after) => before == after },
        new("rebalance", "a->see#0", (job, key) => From(job, "a").Rebalance().Process<See, Seen>("see")) { Order = Order.None },
        new("hash", "a->count#0", (job, key) => From(job, "a").KeyBy(key).Process<Count, Seen>("count")),
        new("custom", "a->see#0", (job, key) => From(job, "a").Partition((in number, subtasks) => (int)(key(number) % subtasks)).Process<See, Seen>("see")),
        new("broadcast", "b->rules#0", (job, key) => From(job, "a").KeyBy(key).ConnectBroadcast(From(job, "b", Numbers).Broadcast()).Process<Rules, Seen>("rules")) { Beside = "a->rules#0" },
        new("union", "a->count#0", (job, key) => From(job, "a").Union(From(job, "b", Numbers)).KeyBy(key).Process<Count, Seen>("count")) { Beside = "b->count#0", Sources = 2 },
        new("two inputs", "a->both#0", (job, key) => From(job, "a").KeyBy(key).Connect(From(job, "b", Numbers).KeyBy(key)).Process<Both, Seen>("both")) { Beside = "b->both#0", Sources = 2 },
        new("same twice", "a->count#0", (job, key) => Twice(From(job, "a")).KeyBy(key).Process<Count, Seen>("count")) { Beside = "a->count#1", Copies = 2 },
    ];

    private enum Order
    {
        None,

        /// <summary>What one split has of one key comes in its order.</summary>
        OfKey,
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Records_in_flight_survive_every_rescale_or_are_refused_as_designed(bool isSkewed)
    {
        // Nine of ten numbers have one key.
        Func<long, long> key = isSkewed ? number => number % 10 == 0 ? 1 + (number / 10 % Keys) : 0 : number => number % Keys;
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{(isSkewed ? "90 % of the records have one key" : $"{Keys} keys")}: records in flight on the edge at the checkpoint, from p subtasks (rows) to q (columns)");
        var wrong = new List<string>();
        foreach (var shape in s_shapes)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"{shape.Name,-12}{string.Concat(s_parallelism.Select(after => $"{after,20}"))}");
            foreach (int before in s_parallelism)
            {
                table.Append(CultureInfo.InvariantCulture, $"{before,12}");
                var first = RunUntilCheckpoint(shape, key, before);
                foreach (int after in s_parallelism)
                {
                    var cell = RunCell(shape, key, first, after);
                    table.Append(CultureInfo.InvariantCulture, $"{cell.Text,20}");
                    if (cell.Fault is { } fault)
                    {
                        wrong.Add($"{shape.Name} {before} -> {after}: {fault}");
                    }
                }
                table.AppendLine();
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine(table.ToString());
        if (Environment.GetEnvironmentVariable("WEIR_RESCALE_TABLE") is { } file)
        {
            File.WriteAllText(isSkewed ? $"{file}.skewed" : file, table.ToString());
        }
        Assert.Empty(wrong);
    }

    private static DataStream<long> From(JobBuilder job, string name, long first = 0) => job.From(new NumberSource(name, Splits, Numbers, first));

    private static DataStream<long> Twice(DataStream<long> stream) => stream.Union(stream);

    private static (string Text, string? Fault) RunCell(Shape shape, Func<long, long> key, FirstLife first, int after)
    {
        string count = string.Join(" + ", first.InFlight);
        string? empty = first.InFlight.Skip(shape.IsBroadcast ? 1 : 0).Contains(0) ? "nothing was in flight" : shape.IsBroadcast && first.InFlight[0] > 0 ? "a broadcast edge was overtaken" : null;
        var sink = new RoomSink<Seen>("out");
        JobByHand second;
        try
        {
            second = new JobByHand(job => shape.Build(job, key).To(sink), Settings(after), first.CopyStorage());
        }
        catch (JobException refused) when (refused.Reason == JobFailure.Configuration && refused.Message.Contains("Set the parallelism back", StringComparison.Ordinal))
        {
            return ($"{count} refused", shape.Fits(first.Parallelism, after) ? $"refused: {refused.Message}" : empty);
        }
        if (!shape.Fits(first.Parallelism, after))
        {
            return ($"{count} TAKEN", "restored, though nothing tells where its records belong");
        }
        Assert.Equal(JobOutcome.Finished, second.Finish());
        string? fault = empty ?? Check(shape, key, [.. first.Written, .. sink.Records], first.Parallelism, after);
        return (fault is null ? count : $"{count} WRONG", fault);
    }

    /// <summary>One life, which ends right after its checkpoint; what it wrote behind that is taken back.</summary>
    private static FirstLife RunUntilCheckpoint(Shape shape, Func<long, long> key, int parallelism)
    {
        var sink = new RoomSink<Seen>("out", room: 100);
        var job = new JobByHand(job => shape.Build(job, key).To(sink), Settings(parallelism), new MemoryStorage());
        job.Pass(1000);
        for (int given = 0; job.Runner.Checkpoints.Count == 0; given++)
        {
            Assert.True(given < 20 * Numbers, "no checkpoint comes"); // Behind a broadcast edge it takes as long as what is queued there.
            job.Give(sink, 1);
        }
        Assert.True(job.Last.End == CheckpointEnd.Completed, job.Last.Verdict);
        job.Kill();
        sink.TakeBack();
        return new FirstLife(parallelism, job.Storage, [.. sink.Records], [.. shape.Edges.Select(id => job.Last.Edges.Single(edge => edge.EdgeId == id).InFlightRecords)]);
    }

    private static JobSettings Settings(int parallelism) => new()
    {
        Name = JobByHand.Name,
        Parallelism = parallelism,
        CheckpointInterval = TimeSpan.FromSeconds(1),
        AlignedCheckpointTimeout = TimeSpan.Zero,
    };

    /// <summary>What is wrong with all that came out of both lives.</summary>
    private static string? Check(Shape shape, Func<long, long> key, Seen[] seen, int before, int after)
    {
        var ofKeys = seen.Where(one => !one.IsRule).ToList();
        int numbers = shape.Sources * Numbers;
        var counts = ofKeys.CountBy(one => one.Number).ToDictionary();
        for (long number = 0; number < numbers; number++)
        {
            if (counts.GetValueOrDefault(number) != shape.Copies)
            {
                return $"{number} is there {counts.GetValueOrDefault(number)} times";
            }
        }
        if (counts.Count != numbers)
        {
            return "there are numbers that nobody gave";
        }
        if (shape.Order == Order.OfKey && ofKeys.GroupBy(one => (key(one.Number), one.Number % Splits, one.Number / Numbers)).FirstOrDefault(one => !IsInOrder(one, shape.Copies)) is { } mixed)
        {
            return $"those of key {mixed.Key.Item1} are out of order: {string.Join(' ', mixed.Select(one => one.Number))}";
        }
        if (ofKeys.Exists(one => one.Nth > 0) && ofKeys.GroupBy(one => key(one.Number)).FirstOrDefault(one => !one.Select(each => each.Nth).Order().SequenceEqual(Enumerable.Range(1, one.Count()).Select(nth => (long)nth))) is { } counted)
        {
            return $"those of key {counted.Key} are counted {string.Join(' ', counted.Select(one => one.Nth))}";
        }
        return shape.IsBroadcast ? CheckRules([.. seen.Where(one => one.IsRule)], before, after) : null;
    }

    /// <summary>All subtasks of the life that took it saw a rule, and no subtask of the other.</summary>
    private static string? CheckRules(IReadOnlyList<Seen> rules, int before, int after)
    {
        var bySubtask = rules.ToLookup(one => one.Number, one => one.Subtask);
        for (long number = Numbers; number < 2 * Numbers; number++)
        {
            int[] subtasks = [.. bySubtask[number].Order()];
            if (!subtasks.SequenceEqual(Enumerable.Range(0, before)) && !subtasks.SequenceEqual(Enumerable.Range(0, after)))
            {
                return $"rule {number} was seen by {string.Join(' ', subtasks)}";
            }
        }
        return null;
    }

    // The same stream twice: either copy is in order.
    private static bool IsInOrder(IEnumerable<Seen> seen, int copies)
    {
        var numbers = seen.Select(one => one.Number).ToList();
        return copies > 1
            ? numbers.Where((number, at) => numbers.IndexOf(number) == at).SequenceEqual(numbers.Distinct().Order()) && numbers.Where((number, at) => numbers.IndexOf(number) != at).SequenceEqual(numbers.Distinct().Order())
            : numbers.SequenceEqual(numbers.Order());
    }

    /// <summary>What an operator saw: the number, for the how manieth of its key it counts it, and where.</summary>
    private readonly record struct Seen(long Number, long Nth, int Subtask, bool IsRule = false);

    /// <summary>What a life that ended after its checkpoint left behind.</summary>
    private sealed record FirstLife(int Parallelism, MemoryStorage Storage, Seen[] Written, long[] InFlight)
    {
        public MemoryStorage CopyStorage()
        {
            var copy = new MemoryStorage();
            foreach (string name in Storage.Names)
            {
                copy[name] = Storage[name];
            }
            return copy;
        }
    }

    /// <summary>A graph around the edge that a row of tables is about.</summary>
    private sealed record Shape(string Name, string Edge, Func<JobBuilder, Func<long, long>, DataStream<Seen>> Build)
    {
        /// <summary>Another edge into the same operator, whose count stands beside.</summary>
        public string? Beside { get; init; }

        /// <summary>How many sources give numbers that are keyed.</summary>
        public int Sources { get; init; } = 1;

        /// <summary>How often each number comes.</summary>
        public int Copies { get; init; } = 1;

        public Order Order { get; init; } = Order.OfKey;

        public Func<int, int, bool> Fits { get; init; } = (_, _) => true;

        public bool IsBroadcast => Name == "broadcast";

        public string[] Edges => Beside is null ? [Edge] : [Edge, Beside];
    }

    private sealed class See(SubtaskInfo subtask) : StreamProcess<long, Seen>
    {
        public override void Process(in long record, ProcessContext<Seen> context) => context.Emit(new Seen(record, 0, subtask.Index));
    }

    private sealed class Count(SubtaskInfo subtask, KeyedState state) : KeyedProcess<long, long, Seen>
    {
        private readonly ValueState<long> _count = state.Value<long>("count");

        public override void Process(in long record, KeyedContext<long, Seen> context) => context.Emit(new Seen(record, ++_count.Value, subtask.Index));
    }

    private sealed class Both(SubtaskInfo subtask, KeyedState state) : KeyedCoProcess<long, long, long, Seen>
    {
        private readonly ValueState<long> _count = state.Value<long>("count");

        public override void ProcessFirst(in long record, KeyedContext<long, Seen> context) => context.Emit(new Seen(record, ++_count.Value, subtask.Index));

        public override void ProcessSecond(in long record, KeyedContext<long, Seen> context) => context.Emit(new Seen(record, ++_count.Value, subtask.Index));
    }

    private sealed class Rules(SubtaskInfo subtask, KeyedState state) : KeyedBroadcastProcess<long, long, long, Seen>
    {
        private readonly ValueState<long> _count = state.Value<long>("count");

        public override void Process(in long record, KeyedContext<long, Seen> context) => context.Emit(new Seen(record, ++_count.Value, subtask.Index));

        public override void ProcessBroadcast(in long record, ProcessContext<Seen> context) => context.Emit(new Seen(record, 0, subtask.Index, IsRule: true));
    }
}
