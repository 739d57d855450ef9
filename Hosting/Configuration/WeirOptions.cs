using System.ComponentModel.DataAnnotations;
using Weir.Connectors.Kafka;

namespace Weir.Hosting;

/// <summary>All that an operator may set: the section <c>Weir</c> of the configuration. Read once, at start.</summary>
public sealed class WeirOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Weir";

    /// <summary>The Kafka cluster of all jobs. <c>ConnectionStrings:kafka</c> is taken where <c>BootstrapServers</c> is not set.</summary>
    public KafkaOptions Kafka { get; } = new();

    /// <summary>Where checkpoints lie.</summary>
    public CheckpointOptions Checkpoints { get; } = new();

    /// <summary>Where measurements and traces go.</summary>
    public TelemetryOptions Telemetry { get; } = new();

    /// <summary>The port for health checks, status and actions; only looked at by a host that has one.</summary>
    public ManagementOptions Management { get; } = new();

    /// <summary>The embedded broker; only looked at by a program that has one.</summary>
    public SandboxOptions Sandbox { get; } = new();

    /// <summary>
    /// The memory that all jobs of the process take together: batches in channels, state, checkpoints that are being stored, and the queues of Kafka's clients. It is divided at start (the log, <c>doctor</c> and
    /// <c>status</c> say how), and each part is kept to: by back-pressure, by spilling to disk, by smaller queues, and by failing a job whose state outgrows it. The process itself comes on top, with 100 to 200 MiB.
    /// Null (the default) is three quarters of what .NET sees: the machine's memory, or 75 % of a container's limit.
    /// </summary>
    [Range(typeof(long), "67108864", "1099511627776000")]
    public long? Memory { get; set; }

    /// <summary>How long a stop may take until jobs are ended without their last checkpoint. 25 s by default; it must be less than the host's own <c>ShutdownTimeout</c> (30 s).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How long one record may keep a job until the program counts as dead: <c>/health/live</c> then fails, and systemd's watchdog is not told any more that it lives, so that it is
    /// started again. 5 min by default.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan StuckTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether all jobs stop, with their last checkpoints, when one has failed for good. False by default: the others go on, <c>/health/ready</c> fails, and the program ends with the failed one's code when no job runs any more.</summary>
    public bool StopAllOnFailure { get; set; }

    /// <summary>Settings of each job, by its name.</summary>
    public IDictionary<string, JobOptions> Jobs { get; } = new Dictionary<string, JobOptions>(StringComparer.Ordinal);

    /// <summary>What was wrong with the configuration while it was read; reported with all else by the validation.</summary>
    internal List<string> Problems { get; } = [];
}

/// <summary>Where checkpoints lie.</summary>
public sealed class CheckpointOptions
{
    /// <summary>The folder; by default <c>weir/checkpoints</c> in the user's folder for local data, or <c>data/checkpoints</c> beside the program where there is none.</summary>
    [MinLength(1)]
    public string Directory { get; set; } = DefaultDirectory();

    /// <summary>Azure Blob Storage instead of the folder.</summary>
    public AzureBlobOptions Azure { get; } = new();

    private static string DefaultDirectory()
    {
        // Empty for a service account without a home.
        string data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0 ? Path.Combine(data, "weir", "checkpoints") : Path.Combine(AppContext.BaseDirectory, "data", "checkpoints");
    }
}

/// <summary>The port for health checks, status and actions.</summary>
public sealed class ManagementOptions
{
    /// <summary>Whether the port is opened. On by default.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Where to listen. <c>http://localhost:5080</c> by default: this machine only.</summary>
    [MinLength(1)]
    public string Url { get; set; } = "http://localhost:5080";

    /// <summary>
    /// The file with the token that actions need (a savepoint, a stop); made at start where it is not there, for its owner alone. Null (the default) is the folder of checkpoints with
    /// <c>.token</c> behind its name. Health and status need none.
    /// </summary>
    public string? TokenFile { get; set; }

    internal string DefaultTokenFile { get; set; } = "weir.token";
}
