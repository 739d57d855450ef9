using Weir.StateStore;

namespace Weir.Tests.Simulation;

/// <summary>Spill files in memory: a life's goes with it. Writes may fail, as a plan of faults says.</summary>
internal sealed class SimulatedSpill(Faults faults, SimulationFigures figures) : ISpillStorage
{
    public ValueTask<ISpillFile> OpenAsync(string job, int slot, string life, CancellationToken cancellation) => new(new SpillFile(life, faults, figures));

    private sealed class SpillFile(string life, Faults faults, SimulationFigures figures) : ISpillFile
    {
        private readonly HashSet<long> _read = [];
        private readonly ByteArena _content = new();
        private bool _isDisposed;

        public string Location => $"the simulated spill file of {life}";

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            Assert.False(_isDisposed, "written after it was closed");
            if (faults.SpillFails())
            {
                throw new IOException("The simulated disk is full.");
            }
            int end = (int)offset + bytes.Length;
            if (end > _content.Length)
            {
                _content.Claim(end - _content.Length);
            }
            bytes.CopyTo(_content.WrittenFrom((int)offset));
            _read.Remove(offset);
            figures.Note(Event.Spilled);
        }

        public void Read(Span<byte> bytes, long offset)
        {
            Assert.False(_isDisposed, "read after it was closed");
            _content.Written.Slice((int)offset, bytes.Length).CopyTo(bytes);
            if (!_read.Add(offset))
            {
                figures.Note(Event.SpilledOvertaken); // By its consumer, and by a checkpoint.
            }
        }

        public void Empty() => _content.Clear();

        public void Dispose() => _isDisposed = true;
    }
}
