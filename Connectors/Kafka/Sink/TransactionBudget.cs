using Weir.Runtime;

namespace Weir.Connectors.Kafka.Sink;

/// <summary>How old a transaction may grow, and what its last minutes are kept for.</summary>
/// <param name="Timeout">The broker aborts it at this age.</param>
/// <param name="SwitchUntil">Beyond this age no further checkpoint begins in it.</param>
/// <param name="UploadUntil">Beyond this age a checkpoint's files are not tried again.</param>
internal sealed record TransactionBudget(TimeSpan Timeout, TimeSpan SwitchUntil, TimeSpan UploadUntil)
{
    /// <summary>Beyond half its life, a transaction must not wait for barriers behind data.</summary>
    public TimeSpan PressedFrom => Timeout / 2;

    /// <summary>How old a transaction of a job may grow.</summary>
    public static TimeSpan TimeoutOf(TimeSpan checkpointInterval, TimeSpan checkpointTimeout, KafkaOptions options) =>
        checkpointInterval + checkpointTimeout + options.UploadBudget + options.CommitBudget;

    /// <summary>Interval + checkpoint timeout + both budgets, which must fit what the broker allows.</summary>
    /// <exception cref="JobException">It does not fit; gives the numbers.</exception>
    public static TransactionBudget Of(ConnectorContext context, KafkaOptions options)
    {
        var timeout = TimeoutOf(context.CheckpointInterval, context.CheckpointTimeout, options);
        return timeout <= options.TransactionTimeoutMax
            ? new TransactionBudget(timeout, timeout - options.CommitBudget - options.UploadBudget, timeout - options.CommitBudget)
            : throw new JobException(
                JobFailure.Configuration,
                $"A transaction of {context.Job} may grow {timeout.TotalSeconds:F0} s old: checkpoint interval {context.CheckpointInterval.TotalSeconds:F0} s "
                + $"+ checkpoint timeout {context.CheckpointTimeout.TotalSeconds:F0} s + upload budget {options.UploadBudget.TotalSeconds:F0} s "
                + $"+ commit budget {options.CommitBudget.TotalSeconds:F0} s. Brokers abort at {options.TransactionTimeoutMax.TotalSeconds:F0} s (transaction.max.timeout.ms): "
                + "shorten the interval or the checkpoint timeout.");
    }
}
