using Microsoft.Extensions.Logging;

namespace Weir.Bench;

/// <summary>Log lines on stderr, without the console logger's thread and start time.</summary>
internal sealed class StderrLogger(LogLevel level) : ILoggerFactory, ILogger
{
    public static StderrLogger FromEnvironment() =>
        new(Enum.TryParse(Environment.GetEnvironmentVariable("WEIR_BENCH_LOG"), ignoreCase: true, out LogLevel level) ? level : LogLevel.Warning);

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= level;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel}: {formatter(state, exception)}{(exception is null ? "" : $"\n{exception}")}");
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
