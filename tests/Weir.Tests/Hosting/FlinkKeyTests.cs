using Weir.Runtime;

namespace Weir.Tests.Hosting;

/// <summary>Settings may be taken over from Flink as they are.</summary>
public sealed class FlinkKeyTests
{
    private const string Job = "Weir:Jobs:orders";

    [Fact]
    public void The_settings_of_unaligned_checkpoints_are_read_in_Flinks_words()
    {
        var settings = Settings("""
            execution.checkpointing.aligned-checkpoint.timeout: 10m
            execution.checkpointing.unaligned-checkpoint.enabled: true
            execution.checkpointing.channel-state.number-of-tasks-share-file: 5
            """);

        Assert.Equal(TimeSpan.FromMinutes(10), settings.AlignedCheckpointTimeout);
        Assert.Equal(CheckpointMode.Unaligned, settings.CheckpointMode);
        Assert.Equal(5, settings.TasksPerStateFile);
    }

    [Fact]
    public void All_settings_that_Flink_has_are_read_in_its_words()
    {
        var settings = Settings("""
            execution.checkpointing.interval: 30 s
            execution.checkpointing.timeout: 10m
            execution.checkpointing.min-pause: 100ms
            execution.checkpointing.tolerable-failed-checkpoints: 3
            execution.checkpointing.unaligned.enabled: true
            execution.checkpointing.aligned-checkpoint-timeout: 2 s
            execution.checkpointing.unaligned.max-subtasks-per-channel-state-file: 7
            execution.checkpointing.num-retained: 4
            taskmanager.network.memory.max-overdraft-buffers-per-gate: 9
            """);

        Assert.Equal(TimeSpan.FromSeconds(30), settings.CheckpointInterval);
        Assert.Equal(TimeSpan.FromMinutes(10), settings.CheckpointTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(100), settings.CheckpointMinPause);
        Assert.Equal(3, settings.TolerableFailedCheckpoints);
        Assert.Equal(CheckpointMode.Unaligned, settings.CheckpointMode);
        Assert.Equal(TimeSpan.FromSeconds(2), settings.AlignedCheckpointTimeout);
        Assert.Equal(7, settings.TasksPerStateFile);
        Assert.Equal(4, settings.RetainedCheckpoints);
        Assert.Equal(9, settings.MaxOverdraftBuffersPerGate);
    }

    [Fact]
    public void Without_unaligned_checkpoints_they_stay_aligned() =>
        Assert.Equal(CheckpointMode.Aligned, Settings("execution.checkpointing.unaligned.enabled: false").CheckpointMode);

    [Fact]
    public void A_setting_by_two_names_is_refused()
    {
        var script = new SettingsScript(($"{Job}:CheckpointInterval", "5s"), ($"{Job}:execution.checkpointing.interval", "10s"));

        Assert.Equal($"{Job}:CheckpointInterval and {Job}:execution.checkpointing.interval are one setting: remove one of them.", script.Problems().Single());
    }

    [Fact]
    public void A_value_that_does_not_fit_is_named_as_it_was_set()
    {
        var script = new SettingsScript(($"{Job}:execution.checkpointing.unaligned.enabled", "perhaps"));

        Assert.StartsWith($"{Job}:execution.checkpointing.unaligned.enabled is 'perhaps'", script.Problems().Single(), StringComparison.Ordinal);
    }

    /// <summary>The settings of a job, from lines as they stand in Flink's configuration file.</summary>
    private static JobSettings Settings(string lines)
    {
        var pairs = lines.Split('\n').Select(line => line.Split(": ")).Select(pair => ($"{Job}:{pair[0]}", (string?)pair[1].TrimEnd('\r')));
        return new SettingsScript([.. pairs]).Options().Jobs["orders"].ToSettings("orders");
    }
}
