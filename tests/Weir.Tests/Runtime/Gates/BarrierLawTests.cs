using CsCheck;
using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.Tests.Doubles;

namespace Weir.Tests.Runtime;

/// <summary>Random queues, barriers, steps and aborts: of every channel, what was taken before the snapshot and what was stored are together exactly what came before its barrier.</summary>
public sealed class BarrierLawTests
{
    [Theory, InlineData(CheckpointMode.Unaligned, false), InlineData(CheckpointMode.Aligned, false), InlineData(CheckpointMode.Unaligned, true), InlineData(CheckpointMode.Aligned, true)]
    public void Taken_before_the_snapshot_and_stored_are_together_what_came_before_the_barrier(CheckpointMode mode, bool transactional) =>
        Gen.Int[0, int.MaxValue].Sample(seed => Play(seed, mode, transactional), iter: 2000);

    private static void Play(int seed, CheckpointMode mode, bool transactional)
    {
        var chance = new Random(seed);
        int channels = chance.Next(1, 4);
        using var gate = new GateScript(channels, transactional);
        new Run(gate, chance, channels, mode).Play();
    }

    private sealed class Run(GateScript gate, Random chance, int channels, CheckpointMode mode)
    {
        private const int ChannelFactor = 1_000_000;

        private readonly List<Task> _mustBeQuiet = [];
        private List<long>[] _delivered = [];
        private List<long>[] _beforeCut = [];
        private HashSet<int> _withoutBarrier = [];
        private Checkpoint? _open;
        private long _nextId = 1;
        private int _completed;
        private bool _switchIsMailed;
        private Action? _lateMail;

        public void Play()
        {
            _delivered = [.. Enumerable.Range(0, channels).Select(_ => new List<long>())];
            Restore();
            for (int act = 0; act < 60; act++)
            {
                Act();
            }
            Finish();
            for (int channel = 0; channel < channels; channel++)
            {
                Assert.Equal(_delivered[channel], TakenOf(channel, gate.Taken.Count));
            }
            Assert.Contains(gate.Said, said => said.StartsWith("finished", StringComparison.Ordinal));
            Assert.DoesNotContain(gate.Said, said => said.StartsWith("failed", StringComparison.Ordinal));
            Assert.All(_mustBeQuiet, quiet => Assert.True(quiet.IsCompleted));
        }

        private void Act()
        {
            switch (chance.Next(9))
            {
                case 0 or 1 or 2:
                    Deliver(chance.Next(channels));
                    break;
                case 3:
                    Begin();
                    break;
                case 4 or 5:
                    PutBarrier();
                    break;
                case 6:
                    gate.Take(chance.Next(0, 7));
                    break;
                case 7:
                    gate.RunBackground();
                    break;
                case 8 when chance.Next(4) == 0:
                    Abort();
                    break;
            }
            LookAtCheckpoint();
        }

        private void Finish()
        {
            gate.RunBackground();
            Begin();
            while (_withoutBarrier.Count > 0)
            {
                PutBarrier();
            }
            for (int acts = 0; _open is not null; acts++)
            {
                Assert.True(acts < 10, "A checkpoint with all its barriers does not complete.");
                gate.TakeAll();
                gate.RunBackground();
                LookAtCheckpoint();
            }
            Assert.True(_completed > 0);
            _lateMail?.Invoke();
            for (int channel = 0; channel < channels; channel++)
            {
                gate.End(channel);
            }
            gate.TakeAll();
        }

        private void Restore()
        {
            for (int segments = chance.Next(4); segments > 0; segments--)
            {
                int channel = chance.Next(channels);
                gate.Restore(channel, Next(channel));
            }
        }

        private void Deliver(int channel) => gate.Deliver(channel, Next(channel));

        private long[] Next(int channel)
        {
            long[] records = [.. Enumerable.Range(_delivered[channel].Count, chance.Next(1, 6)).Select(number => ((long)channel * ChannelFactor) + number)];
            _delivered[channel].AddRange(records);
            return records;
        }

        private void Begin()
        {
            if (_open is null && _mustBeQuiet.TrueForAll(quiet => quiet.IsCompleted))
            {
                _open = gate.Begin(_nextId++, mode);
                _beforeCut = new List<long>[channels];
                _withoutBarrier = [.. Enumerable.Range(0, channels)];
                _switchIsMailed = false;
            }
        }

        private void PutBarrier()
        {
            if (_withoutBarrier.Count > 0)
            {
                int channel = _withoutBarrier.ElementAt(chance.Next(_withoutBarrier.Count));
                _withoutBarrier.Remove(channel);
                _beforeCut[channel] = [.. _delivered[channel]];
                gate.Barrier(channel, _open!);
                if (chance.Next(2) == 0)
                {
                    gate.StepToRest();
                }
            }
        }

        private void Abort()
        {
            if (_open is { } open && !_switchIsMailed)
            {
                _mustBeQuiet.Add(gate.End(open, mail: false));
                _lateMail?.Invoke();
                _lateMail = () => gate.MailEnded(open); // Comes when a later one is under way.
                _open = null;
                _withoutBarrier = [];
            }
        }

        private void LookAtCheckpoint()
        {
            if (_open is not { } open)
            {
                return;
            }
            if (!_switchIsMailed && gate.Said.Contains($"ready {open.Id}"))
            {
                _switchIsMailed = true;
                gate.Subtask.Mail(() => gate.Subtask.Switch(open));
            }
            if (gate.Events.Acknowledged.ContainsKey(open.Id))
            {
                Check(open);
                _mustBeQuiet.Add(gate.End(open));
                _open = null;
            }
        }

        private void Check(Checkpoint complete)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                var stored = gate.Stored(complete, channel);
                Assert.Equal(_beforeCut[channel], [.. TakenOf(channel, gate.Output.TakenAtBarrier[complete.Id]), .. stored]);
                Assert.True(mode == CheckpointMode.Unaligned || stored.Count == 0);
            }
            _completed++;
        }

        private IEnumerable<long> TakenOf(int channel, int count) => gate.Taken.Take(count).Where(record => record / ChannelFactor == channel);
    }
}
