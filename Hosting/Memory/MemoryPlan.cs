using Weir.Connectors.Kafka;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>How the one memory number, <see cref="WeirOptions.Memory"/>, is divided. All in bytes.</summary>
internal sealed record MemoryPlan
{
    // What a queue is cut down to, at last: some milliseconds of reading.
    private const long PrefetchMin = 256L << 10;

    // The client, and producers' batches of 1 MB that it has got and unpacks whole: 10,000 records of 100 bytes, some 500 bytes each. Measured with eight readers of two partitions each.
    private const long ReaderBytesMin = 11L << 20;

    // By the same figures; 25 MiB were measured with 4 MiB queued.
    private const int MemoryPerQueued = 5;

    // A queue of 4 MiB, or 20,000 messages, what is being sent of it, and the client itself.
    private const long WriterBytes = 8L << 20;

    // Two: one of them ends its transaction while the other one takes records.
    private const int TransactionClients = 2;

    // What sinks keep between the switch of a checkpoint and its flush, and as much again while its buffers grow.
    private const long StagingBytes = 8L << 20;

    // Eight files that are written at once, with 2 MiB each.
    private const long WriterBuffers = 16L << 20;

    // What goes up to Azure at once: more does not make it faster.
    private const long UploadsMax = 32L << 20;
    private const int UploadFraction = 16;

    private const int ChannelFraction = 8;
    private const int InFlightFraction = 8;
    private const int OverflowFraction = 16;
    private const int CopyFraction = 16;
    private const int KafkaFraction = 4;
    private const int StateFractionMin = 8;

    /// <summary>All of it.</summary>
    public required long Total { get; init; }

    /// <summary>For batches that are queued, or being read.</summary>
    public required long Channels { get; init; }

    /// <summary>For batches that checkpoints hold until they are stored.</summary>
    public required long InFlight { get; init; }

    /// <summary>For what single records make beyond their gates' batches.</summary>
    public required long Overflow { get; init; }

    /// <summary>For copies of state, and buffers of what is being written.</summary>
    public required long Checkpoints { get; init; }

    /// <summary>For the queues of Kafka's clients, and for what sinks hold back.</summary>
    public required long Kafka { get; init; }

    /// <summary>What each reader may have queued.</summary>
    public required long Prefetch { get; init; }

    /// <summary>Of <see cref="InFlight"/>, what a job may have at most.</summary>
    public required long InFlightOfJob { get; init; }

    /// <summary>Of <see cref="Overflow"/>, what a job may have at most.</summary>
    public required long OverflowOfJob { get; init; }

    /// <summary>For keyed state: the rest.</summary>
    public long State => Total - Channels - InFlight - Overflow - Checkpoints - Kafka;

    /// <summary>Of <see cref="Checkpoints"/>, for copies of state.</summary>
    public required long Copies { get; init; }

    private bool Fits => State >= Total / StateFractionMin;

    /// <summary>Divides it.</summary>
    /// <param name="total">How much there is.</param>
    /// <param name="isSet">Whether somebody said so; else it is what the machine has.</param>
    /// <param name="jobs">What the jobs want.</param>
    /// <param name="isUploaded">Whether checkpoints go to Azure.</param>
    /// <exception cref="JobException"><see cref="JobFailure.Configuration"/>: that is too little for them.</exception>
    public static MemoryPlan Of(long total, bool isSet, IReadOnlyCollection<JobMemory> jobs, bool isUploaded = false)
    {
        var plan = Divide(total, jobs, isUploaded);
        if (plan.Fits)
        {
            return plan;
        }
        string given = isSet ? $"Weir:Memory is {SettingText.Size(total)}" : $"This machine or container has {SettingText.Size(total)} for Weir (Weir:Memory is not set)";
        throw new JobException(
            JobFailure.Configuration,
            $"{given}, which is too little: {plan.Describe()}, so that less than an eighth is left for state. "
            + $"{(isSet ? "Set it to" : "Give it more, or set Weir:Memory to")} at least {SettingText.Size(Least(total, jobs, isUploaded))}, lower Parallelism, or run fewer jobs in one process.");
    }

    /// <summary>What a store of that total may have on its way up at once.</summary>
    public static long UploadBytes(long total) => Math.Min(UploadsMax, total / UploadFraction);

    /// <summary>Has jobs and their Kafka clients keep to it.</summary>
    public void Apply(MemoryBudget budget, KafkaOptions kafka)
    {
        budget.ChannelBytesMax = Channels + InFlight;
        budget.StateBytesMax = State;
        budget.CopyBytesMax = Copies;
        budget.OverflowBytesMax = OverflowOfJob;
        budget.InFlightBytesMax = InFlightOfJob;
        kafka.PrefetchBytesMax = Prefetch;
    }

    /// <summary>For people, in one line.</summary>
    public string Describe() =>
        $"channels have {SettingText.Size(Channels)}, checkpoints {SettingText.Size(InFlight + Checkpoints)}, single large records {SettingText.Size(Overflow)}, Kafka's clients {SettingText.Size(Kafka)}, state {SettingText.Size(Math.Max(0, State))}";

    private static MemoryPlan Divide(long total, IReadOnlyCollection<JobMemory> jobs, bool isUploaded)
    {
        int count = Math.Max(1, jobs.Count);
        int readers = jobs.Sum(job => job.Needs.Readers);
        int writers = jobs.Sum(job => job.Needs.Writers + (job.Needs.HasTransactions ? TransactionClients : 0));
        long given = (writers * WriterBytes) + (jobs.Count(job => job.Needs.HasTransactions || job.Needs.Writers > 0) * StagingBytes);
        long prefetch = PrefetchOf(total, readers, given);
        long inFlight = total / InFlightFraction / count;
        long overflow = total / OverflowFraction / count;
        long copies = total / CopyFraction;
        return new MemoryPlan
        {
            Total = total,
            Channels = Math.Max(jobs.Sum(job => job.Needs.ChannelBytes), total / ChannelFraction),
            InFlight = jobs.Sum(job => Math.Min(job.Settings.MaxInFlightBytes, inFlight)),
            InFlightOfJob = inFlight,
            Overflow = jobs.Sum(job => Math.Min(job.Settings.MaxOverflowBytes, overflow)),
            OverflowOfJob = overflow,
            Copies = copies,
            Checkpoints = copies + WriterBuffers + (isUploaded ? UploadBytes(total) : 0),
            Kafka = given + (readers * ReaderBytes(prefetch)),
            Prefetch = prefetch,
        };
    }

    /// <summary>As much as the client has without a bound, where a quarter of memory holds that; else half as much, and half of that.</summary>
    private static long PrefetchOf(long total, int readers, long given)
    {
        long prefetch = KafkaOptions.PrefetchBytesDefault;
        while (prefetch > PrefetchMin && given + (readers * ReaderBytes(prefetch)) > total / KafkaFraction)
        {
            prefetch /= 2;
        }
        return prefetch;
    }

    private static long ReaderBytes(long prefetch) => ReaderBytesMin + (MemoryPerQueued * prefetch);

    private static long Least(long total, IReadOnlyCollection<JobMemory> jobs, bool isUploaded)
    {
        const long Step = 16L << 20;
        long least = (total / Step * Step) + Step;
        while (!Divide(least, jobs, isUploaded).Fits)
        {
            least += Step;
        }
        return least;
    }
}

/// <summary>What a job wants of memory.</summary>
internal sealed record JobMemory(JobMemoryNeeds Needs, JobSettings Settings);
