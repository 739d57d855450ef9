using Weir.Runtime.Checkpointing;
using Weir.Runtime.Gates;
using Weir.StateStore;

namespace Weir.Runtime.Tasks;

/// <summary>A subtask whose records come over channels: by one gate, or by two where its first operator has two inputs, which are then read in turns.</summary>
internal sealed class GateSubtask : Subtask
{
    private readonly InputGate[] _gates;
    private readonly Channel[] _channels;
    private InputGate? _inHand;
    private int _turn;

    public GateSubtask(SubtaskParts parts, params InputGate[] gates)
        : base(parts)
    {
        _gates = gates;
        _channels = [.. gates.SelectMany(gate => gate.Channels)];
        foreach (var gate in gates)
        {
            gate.Owner = this;
        }
        foreach (var channel in _channels)
        {
            channel.Consumer = this;
        }
    }

    public override bool IsSource => false;

    protected override IReadOnlyList<Channel> Inputs => _channels;

    public override void AddRestored(Channel channel, int layer, ReadOnlyMemory<byte> stored, SegmentHandle? origin) =>
        _gates.First(gate => gate.Channels.Contains(channel)).AddRestored(channel, layer, stored, origin);

    public override void Release()
    {
        base.Release();
        foreach (var gate in _gates)
        {
            gate.Release();
        }
    }

    protected override InputResult TakeRecords(long deadline)
    {
        int budget = RecordsPerStep;
        while (budget > 0 && !Record.StopAfterThis && !MustYield)
        {
            bool holdsBatch = _inHand is not null || TakeBatch();
            PassReadWatermarks();
            if (!holdsBatch)
            {
                return Array.TrueForAll(_gates, static gate => gate.AllEnded) ? InputResult.Ended : InputResult.Empty;
            }
            budget -= _inHand!.Process();
            if (!_inHand.HasBatch)
            {
                _inHand = null;
                if (Executor.Time.GetTimestamp() >= deadline)
                {
                    break;
                }
            }
        }
        return InputResult.More;
    }

    protected override void CaptureInHand(InFlightCapture capture)
    {
        foreach (var gate in _gates)
        {
            capture.LiveLayer = Math.Max(capture.LiveLayer, gate.LiveLayer);
        }
        foreach (var gate in _gates)
        {
            gate.Capture(capture);
        }
    }

    private bool TakeBatch() => (AwaitsBarriers && TakeBatch(onlyAwaited: true)) || TakeBatch(onlyAwaited: false);

    private bool TakeBatch(bool onlyAwaited)
    {
        for (int tried = 0; tried < _gates.Length; tried++)
        {
            var gate = _gates[_turn];
            _turn = _turn + 1 == _gates.Length ? 0 : _turn + 1;
            if (gate.TryTake(onlyAwaited))
            {
                _inHand = gate;
                return true;
            }
        }
        return false;
    }
}
