using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.StateStore;
using Weir.Testing;

namespace Weir.Tests.Simulation;

/// <summary>An operator who asks for savepoints now and then, and begins lives from those that a job stopped with, also with keys divided otherwise.</summary>
internal sealed class SavepointWishes
{
    private const int StepsBetween = 400;

    private readonly SeededChance _chance;
    private readonly SimulatedDisk _disk;
    private readonly SimulationFigures _figures;
    private SavepointOrder? _asked;
    private CheckpointMetadata? _stoppedWith;
    private int _number;
    private int _left;

    public SavepointWishes(SeededChance chance, SimulatedDisk disk, SimulationFigures figures)
    {
        _chance = chance;
        _disk = disk;
        _figures = figures;
        _left = chance.Next(3) == 0 ? chance.Next(1, 4) : 0;
    }

    /// <summary>Whether the life was asked to read nothing more.</summary>
    public bool Drains { get; private set; }

    /// <summary>Asks for one, or looks at what came of it.</summary>
    public void Step(JobRunner runner, bool mayAsk)
    {
        if (_asked is { Done.IsCompleted: true })
        {
            Look();
        }
        else if (_left > 0 && mayAsk && _asked is null && _chance.Next(StepsBetween) == 0)
        {
            _left--;
            var then = _chance.Next(4) switch { 0 => AfterSavepoint.GoOn, 1 => AfterSavepoint.Drain, _ => AfterSavepoint.Stop };
            Drains |= then == AfterSavepoint.Drain;
            _asked = runner.Savepoints.Order(new SavepointRequest($"s{++_number}") { Then = then, Unaligned = then != AfterSavepoint.Drain && _chance.Next(2) == 0 });
        }
    }

    /// <summary>What the next life begins from, where that is not what the pointer says, and into how many groups it divides keys.</summary>
    /// <param name="latest">The checkpoint that counts; null where there is none.</param>
    /// <param name="current">How keys are divided in a job without one.</param>
    public (int MaxParallelism, string? From) Next(CheckpointMetadata? latest, int current)
    {
        if (_asked is { Done.IsCompleted: true })
        {
            Look();
        }
        _asked = null; // Its life is over.
        Drains = false;
        bool fromSavepoint = _stoppedWith is { } made && latest is not null && made.CheckpointId == latest.CheckpointId && made.LifeId == latest.LifeId;
        if (!fromSavepoint)
        {
            return (latest?.MaxParallelism ?? current, null);
        }
        int maxParallelism = _chance.Next(2) == 0 ? latest!.MaxParallelism : _chance.Next(Simulation.ParallelismMax, 64);
        _figures.Note(Event.RestoredFromSavepoint);
        if (maxParallelism != latest!.MaxParallelism)
        {
            _figures.Note(Event.KeysRegrouped);
        }
        return (maxParallelism, _stoppedWith!.Savepoint);
    }

    private void Look()
    {
        var (done, request) = (_asked!.Done, _asked.Request);
        _asked = null;
        if (!done.IsCompletedSuccessfully)
        {
            Assert.IsType<JobException>(done.Exception!.InnerException);
            return;
        }
#pragma warning disable xUnit1031 // It has completed.
        var made = done.Result;
#pragma warning restore xUnit1031
        var metadata = CheckpointMetadata.Parse(_disk.Files[CheckpointPaths.MetadataFile(made.Location)]);
        Assert.Equal((request.Name, made.CheckpointId), (metadata.Savepoint, metadata.CheckpointId));
        Assert.True(request.Unaligned || metadata.Edges.Count == 0, "an aligned savepoint holds records in flight");
        Assert.Empty(metadata.References);
        _figures.Note(Event.Savepoint);
        if (metadata.InFlightRecords > 0)
        {
            _figures.Note(Event.SavepointInFlight);
        }
        if (request.Then == AfterSavepoint.Drain)
        {
            _figures.Note(Event.Drained);
        }
        if (request.Then != AfterSavepoint.GoOn)
        {
            _stoppedWith = metadata;
        }
    }
}
