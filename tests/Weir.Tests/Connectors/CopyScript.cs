using System.Buffers.Binary;
using Weir.Runtime;
using Weir.Runtime.Operators;

namespace Weir.Tests.Connectors;

/// <summary>A record of eight bytes, keyed by them; decoding and encoding allocate nothing.</summary>
internal sealed class EightBytes : MessageCodec<long>
{
    public override Codec<long> Records => Codec.Int64;

    public override long Decode(in Message message) => BinaryPrimitives.ReadInt64BigEndian(message.Value);

    public override bool EncodeKey(in long record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.WriteInt64(record);
        return true;
    }

    public override bool EncodeValue(in long record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.WriteInt64(record);
        return true;
    }
}

/// <summary>One subtask that copies a source into a sink, and counts what its Steps allocate.</summary>
internal sealed class CopyScript : IDisposable
{
    private readonly SemaphoreSlim _woken = new(0);
    private readonly RecordContext _context = new();
    private readonly SourceOutput<long> _output;
    private readonly ISplitReader<long> _reader;

    public CopyScript(ISplitSource<long> source, ISink<long> sink, IReadOnlyList<SplitPosition> splits)
    {
        Writer = sink.CreateWriter(0, () => _woken.Release());
        _output = new SourceOutput<long>(_context, new Through(Writer, _context));
        _reader = source.CreateReader(0, splits, () => _woken.Release());
    }

    public ISinkWriter<long> Writer { get; }

    public long Allocated { get; set; }

    /// <summary>Copies until so many records in all were taken.</summary>
    public async Task CopyAsync(int records)
    {
        while (_context.Emitted < records)
        {
            if (!Step((int)Math.Min(1024, records - _context.Emitted)))
            {
                Assert.True(await _woken.WaitAsync(KafkaScript.Hang), "woken");
            }
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        Writer.Dispose();
        _woken.Dispose();
    }

    private bool Step(int limit)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        _context.StopAfterThis = !Writer.IsReady;
        bool more = _reader.Poll(_output, limit) == PollResult.More && Writer.IsReady;
        Writer.EndStep();
        Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        return more;
    }

    private sealed class Through(ISinkWriter<long> writer, RecordContext context) : Collector<long>
    {
        public override void Emit(in long record)
        {
            writer.Write(in record, context);
            context.StopAfterThis |= !writer.IsReady;
        }
    }
}
