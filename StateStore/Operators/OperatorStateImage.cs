namespace Weir.StateStore;

/// <summary>Operator state as it was at a snapshot, encoded.</summary>
internal sealed class OperatorStateImage
{
    // A segment that has so much gets no further entry: bounds what a reader holds at once.
    private const int SegmentBytes = 1 << 20;

    private readonly ByteArena _bytes = new();
    private readonly List<(OperatorStateDeclaration State, int Start, int End, int Entries)> _pieces = [];

    public bool IsEmpty => _pieces.Count == 0;

    public void Add(OperatorStateDeclaration declaration, OperatorEntries entries)
    {
        int start = _bytes.Length;
        int count = 0;
        entries.Write(_bytes, () =>
        {
            count++;
            if (_bytes.Length - start >= SegmentBytes)
            {
                EndPiece();
            }
        });
        if (count > 0)
        {
            EndPiece();
        }

        void EndPiece()
        {
            _pieces.Add((declaration, start, _bytes.Length, count));
            (start, count) = (_bytes.Length, 0);
        }
    }

    public async ValueTask<IReadOnlyList<OperatorStatePart>> WriteAsync(SegmentWriter writer, CancellationToken cancellation)
    {
        var parts = new List<OperatorStatePart>(_pieces.Count);
        foreach (var (state, start, end, entries) in _pieces)
        {
            var handle = await writer.AppendAsync([_bytes.WrittenMemory[start..end]], cancellation);
            parts.Add(new OperatorStatePart { StateName = state.Name, Kind = state.Kind, ValueCodec = state.ValueCodec, KeyCodec = state.KeyCodec, Handle = handle, Entries = entries });
        }
        return parts;
    }
}
