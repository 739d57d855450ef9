using System.Globalization;
using Weir.Connectors.Kafka;
using Weir.Jobs;
using Weir.Runtime;

namespace Weir.Bench;

/// <summary>What one run measures, as the command line says it.</summary>
internal sealed class BenchOptions
{
    public const string Usage = """
        run copy|ledger|ledger-classes|wordcount|count|pressure OPTIONS: runs one workload, and prints JSON lines: started, restored, checkpoint, done.
        run lines --bootstrap B --out T --records N: feeds a topic with lines of eight words for wordcount; they are no entries of the ledger.
        run letters --bootstrap B --in T: counts the dead letters in a topic, and the places they come from.
          --parallelism P   subtasks of each operator (1)
          --interval MS     from one checkpoint to the next (1000); 0 takes none but the last
          --dir FOLDER      where checkpoints lie; a temporary folder by default
          --azure CONNECTION  they lie in that account of Azure Blob Storage instead, below the folder's name
          --share N         subtasks that share a channel-state file (5)
          --mode M          aligned, unaligned (at once), or timeout:MS (aligned until it is that old, then unaligned) (unaligned)
        copy, ledger, ledger-classes (the same with an object for each record), wordcount:
          --bootstrap B     Kafka
          --in T --out T    the topics; the job is named <workload>-<out>, and goes on where that one left off
          --bounded         ends with what is in the input at the start
          --reader R        split, or legacy: Confluent's consumer, which pushes (split)
          --dead-letters T  ledger: what of the input is no entry goes to that topic
          --throttle R      ledger: at most R records a second for each sink subtask
          --client K=V;..   settings of librdkafka, for all clients
        count, pressure:
          --accounts A      how many accounts the generated records are for (1000000)
          --records N       count: how many records (10000000)
          --rate R          pressure: at most R records a second for each sink subtask (1000)
          --seconds S       pressure: how long (30)
        SIGTERM ends a run with a last checkpoint. WEIR_BENCH_LOG=Debug|Information|Warning goes to stderr (Warning).
        """;

    private const string TimeoutPrefix = "timeout:";

    private static readonly string[] s_names =
        ["parallelism", "interval", "dir", "azure", "share", "mode", "bootstrap", "in", "out", "reader", "dead-letters", "throttle", "client", "accounts", "records", "rate", "seconds"];

    private readonly Dictionary<string, string> _values = [];

    private BenchOptions(string workload) => Workload = workload;

    /// <summary>The workload's name in the catalog.</summary>
    public string Workload { get; }

    /// <summary>The folder for checkpoints; null makes a temporary one.</summary>
    public string? Directory => _values.GetValueOrDefault("dir");

    /// <summary>A connection string of the account that checkpoints lie in; null is the folder.</summary>
    public string? Azure => _values.GetValueOrDefault("azure");

    /// <summary>How long the run lasts; null is until it ends by itself.</summary>
    public TimeSpan? Duration => Workload == "pressure" ? TimeSpan.FromSeconds(Number("seconds", 30)) : null;

    private string Mode => _values.GetValueOrDefault("mode", "unaligned");

    private SourceReader Reader => _values.GetValueOrDefault("reader", "split") switch
    {
        "split" => SourceReader.Split,
        "legacy" => SourceReader.Legacy,
        var other => throw Refused($"--reader {other} is neither split nor legacy."),
    };

    private bool HasTopics => Workload is "copy" or "ledger" or "ledger-classes" or "wordcount" or "lines" or "letters";

    private string? DeadLetters => _values.GetValueOrDefault("dead-letters");

    private bool Bounded { get; set; }

    public static BenchOptions Parse(string[] args)
    {
        if (args[0] is not ("copy" or "ledger" or "ledger-classes" or "wordcount" or "count" or "pressure" or "lines" or "letters"))
        {
            throw Refused($"There is no workload '{args[0]}'.");
        }
        var options = new BenchOptions(args[0]);
        for (int index = 1; index < args.Length; index++)
        {
            string name = args[index].StartsWith("--", StringComparison.Ordinal) ? args[index][2..] : "";
            if (name == "bounded")
            {
                options.Bounded = true;
            }
            else if (s_names.Contains(name) && index + 1 < args.Length)
            {
                options._values[name] = args[++index];
            }
            else
            {
                throw Refused(s_names.Contains(name) ? $"{args[index]} lacks its value." : $"There is no option '{args[index]}'.");
            }
        }
        return options;
    }

    /// <summary>What is to be done with a topic, where no job is to run; else null.</summary>
    public Action? Chore => Workload switch
    {
        "lines" => () => LinesFeed.Write(Required("bootstrap"), Required("out"), (long)Number("records", 1_000_000)),
        "letters" => () => DeadLetterCount.Print(Required("bootstrap"), Required("in")),
        _ => null,
    };

    public IJob MakeJob() => Workload == "ledger-classes" ? new ClassLedgerJob() : JobCatalog.Find(Workload)!.Make(new JobParameters
    {
        Throttle = _values.ContainsKey("throttle") ? Number("throttle", 0) : null,
        Records = (long)Number("records", 10_000_000),
        Accounts = (long)Number("accounts", 1_000_000),
        Rate = Number("rate", 1000),
    });

    public JobSettings Settings() => new()
    {
        Name = HasTopics ? $"{Workload}-{Required("out")}" : Workload,
        Parallelism = (int)Number("parallelism", 1),
        CheckpointInterval = TimeSpan.FromMilliseconds(Number("interval", 1000)),
        TasksPerStateFile = (int)Number("share", 5),
        DeadLetterSources = DeadLetters is null ? new HashSet<string>() : new HashSet<string> { "in" },
        CheckpointMode = Mode == "aligned" ? CheckpointMode.Aligned : CheckpointMode.Unaligned,
        AlignedCheckpointTimeout = Mode switch
        {
            "aligned" or "unaligned" => TimeSpan.Zero,
            _ when Mode.StartsWith(TimeoutPrefix, StringComparison.Ordinal) && int.TryParse(Mode[TimeoutPrefix.Length..], CultureInfo.InvariantCulture, out int ms) => TimeSpan.FromMilliseconds(ms),
            _ => throw Refused($"--mode {Mode} is none of aligned, unaligned and timeout:MS."),
        },
    };

    public KafkaJobOptions Kafka() => HasTopics
        ? new KafkaJobOptions
        {
            Client = new KafkaOptions { BootstrapServers = Required("bootstrap"), Client = ClientSettings() },
            Sources =
            {
                [Workload == "wordcount" ? "lines" : "in"] = new KafkaSourceOptions
                {
                    Topic = Required("in"),
                    End = Bounded ? SourceEnd.Current : SourceEnd.Never,
                    Reader = Reader,
                    OnUndecodable = DeadLetters is null ? UndecodableRecord.Fail : UndecodableRecord.DeadLetter,
                },
            },
            Sinks =
            {
                [Workload == "wordcount" ? "words" : "out"] = new KafkaSinkOptions { Topic = Required("out") },
                ["in-dead-letters"] = new KafkaSinkOptions { Topic = DeadLetters },
            },
        }
        : new KafkaJobOptions();

    private Dictionary<string, string> ClientSettings() =>
        _values.GetValueOrDefault("client", "").Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(one => one.Split('=', 2))
            .ToDictionary(parts => parts[0], parts => parts.Length == 2 ? parts[1] : throw Refused($"--client {parts[0]} has no value: write {parts[0]}=VALUE."));

    private string Required(string name) => _values.GetValueOrDefault(name) ?? throw Refused($"{Workload} needs --{name}.");

    private double Number(string name, double otherwise) =>
        !_values.TryGetValue(name, out string? text) ? otherwise
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) ? number
        : throw Refused($"--{name} {text} is no number.");

    private static JobException Refused(string problem) => new(JobFailure.Configuration, $"{problem}\n{Usage}");
}
