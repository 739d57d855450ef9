using Weir.Runtime;
using Weir.Runtime.Operators;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>Steps one reader as a subtask would: polls while there is more, sleeps until it is woken.</summary>
internal sealed class ReaderScript : IDisposable
{
    private readonly SemaphoreSlim _woken = new(0);
    private readonly Gathered _gathered = new();
    private readonly RecordContext _context = new();
    private readonly SourceOutput<string> _output;

    public ReaderScript(ISplitSource<string> source, params IReadOnlyList<SplitPosition> splits)
    {
        _output = new SourceOutput<string>(_context, _gathered);
        Reader = source.CreateReader(0, splits, () => _woken.Release());
    }

    public ISplitReader<string> Reader { get; }

    public List<string> Records => _gathered.Records;

    /// <summary>Polls until so many records came; with <paramref name="stopAfter"/> nothing more is taken then.</summary>
    public async Task<PollResult> ReadAsync(int count, bool stopAfter = false)
    {
        _context.StopAfterThis = false;
        _gathered.OnRecord = () => _context.StopAfterThis = stopAfter && Records.Count >= count;
        while (true)
        {
            var result = Reader.Poll(_output, 1024);
            if (result == PollResult.Finished || Records.Count >= count)
            {
                return result;
            }
            if (result == PollResult.Idle)
            {
                Assert.True(await _woken.WaitAsync(KafkaScript.Hang), $"woken after {Records.Count} records");
            }
        }
    }

    public PollResult PollOnce() => Reader.Poll(_output, 1024);

    public List<SplitPosition> Positions()
    {
        var positions = new List<SplitPosition>();
        Reader.AddPositions(positions);
        return positions;
    }

    public void Dispose()
    {
        Reader.Dispose();
        _woken.Dispose();
    }

    private sealed class Gathered : Collector<string>
    {
        public List<string> Records { get; } = [];

        public Action OnRecord { get; set; } = static () => { };

        public override void Emit(in string record)
        {
            Records.Add(record);
            OnRecord();
        }
    }
}
