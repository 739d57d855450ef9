using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Hosting;
using Weir.Hosting.Web;
using Weir.Tests.Doubles;
using Weir.Tests.Graph;

namespace Weir.Tests.Hosting;

/// <summary>A program whose jobs wait for more, with its management port open, and the command line that asks it.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-running-").FullName;
    private readonly IHost _host;
    private Task _ends = Task.CompletedTask;

    private RunningProgram(string[] jobs)
    {
        var script = new SettingsScript([("Weir:Jobs:orders:Enabled", "false"), ("Weir:Management:Url", "http://127.0.0.1:0"), ("Weir:Checkpoints:Directory", Store), ("Weir:StopTimeout", "20s")]);
        script.Builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        script.Weir.AddManagement();
        foreach (string job in jobs)
        {
            script.Weir.AddJob(job, _ => new WaitingJob());
        }
        _host = script.Builder.Build();
    }

    public EveryLine Log { get; } = new();

    public string Store => Path.Combine(_folder, "store");

    public string TokenFile => Store + ".token";

    public string Url => _host.Services.GetServices<IHostedService>().OfType<ManagementServer>().Single().Url!;

    /// <summary>Starts it, and waits until each job has taken all that there is.</summary>
    public static async Task<RunningProgram> StartAsync(params string[] jobs)
    {
        var program = new RunningProgram(jobs);
        await program._host.StartAsync(TestContext.Current.CancellationToken);
        program._ends = program._host.WaitForShutdownAsync(CancellationToken.None); // Stops it when it is asked to, as a program does.
        foreach (var run in program._host.Services.GetRequiredService<JobHostedService>().Runs)
        {
            Assert.True(SpinWait.SpinUntil(() => run.Status.RecordsIn == WaitingJob.Records, Hang), "The job did not read.");
        }
        return program;
    }

    /// <summary>A command line with the program's settings.</summary>
    public Task<(int Code, string Output, string Errors)> AskAsync(params string[] args) =>
        new SettingsScript(("Weir:Management:Url", Url), ("Weir:Checkpoints:Directory", Store)).RunAsync(args).WaitAsync(Hang);

    public Task EndsAsync() => _ends.WaitAsync(Hang, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _ends.WaitAsync(Hang);
        await ((IAsyncDisposable)_host).DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>All that is logged, whatever its level.</summary>
    internal sealed class EveryLine : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = [];

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }

    internal sealed class WaitingJob(string source = "numbers") : IJob
    {
        public const int Records = 100;

        public void Build(JobBuilder job) => job.From(new NumberSource(source, splits: 1, count: Records, ends: false)).To(new ListSink<long>("nowhere"));
    }
}
