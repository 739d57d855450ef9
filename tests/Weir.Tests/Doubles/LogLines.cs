using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Weir.Tests.Doubles;

/// <summary>Keeps what is logged from Warning on.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _warnings = [];
    private readonly SemaphoreSlim _said = new(0);

    public IReadOnlyCollection<string> Warnings => _warnings;

    /// <summary>Completes when such a line was logged; one waits at a time.</summary>
    public async Task SaidAsync(Func<string, bool> isIt, CancellationToken cancellation)
    {
        while (!_warnings.Any(isIt))
        {
            Assert.True(await _said.WaitAsync(TimeSpan.FromSeconds(60), cancellation), "It was never said.");
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _warnings.Enqueue(formatter(state, exception));
            _said.Release();
        }
    }

    public void Dispose() => _said.Dispose();
}
