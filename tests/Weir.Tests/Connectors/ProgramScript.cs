using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Hosting;
using Weir.Jobs;

namespace Weir.Tests.Connectors;

/// <summary>A program with one copy job, run from its settings to its exit code, with all it says, whatever the level.</summary>
internal sealed class ProgramScript(string job, string input, string output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-program-").FullName;
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    /// <summary>Its settings below <c>Weir</c>.</summary>
    public Dictionary<string, string?> Settings { get; } = new()
    {
        [$"Jobs:{job}:CheckpointInterval"] = "50ms",
        [$"Jobs:{job}:Sources:in:Topic"] = input,
        [$"Jobs:{job}:Sinks:out:Topic"] = output,
    };

    /// <summary>All lines so far, with their exceptions.</summary>
    public IEnumerable<string> Lines => _lines.Select(static line => line.Text);

    /// <summary>Why the program ended, in its own words.</summary>
    public string Ending => Assert.Single(_lines, static line => line.Level == LogLevel.Critical).Text;

    /// <summary>Runs it to its end.</summary>
    public async Task<int> RunAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([
            new("Weir:Checkpoints:Directory", _folder),
            .. Settings.Select(setting => KeyValuePair.Create($"Weir:{setting.Key}", setting.Value))]);
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new Provider(_lines));
        builder.AddWeir().AddJob(job, static _ => new CopyJob());
        var host = builder.Build();
        var run = host.RunWeirAsync([]);
        var first = await Task.WhenAny(run, Task.Delay(KafkaScript.Hang, TestContext.Current.CancellationToken));
        Assert.True(first == run, $"It never ended:\n{string.Join('\n', Lines.TakeLast(50))}");
        return await run;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Provider(ConcurrentQueue<(LogLevel, string)> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}".TrimEnd()));

        public void Dispose()
        {
        }
    }
}
