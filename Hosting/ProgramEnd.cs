using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Weir.Hosting;

/// <summary>How the program ends: the first failure decides the exit code.</summary>
/// <remarks>Thread: any.</remarks>
public sealed class ProgramEnd(IHostApplicationLifetime lifetime, ILogger<ProgramEnd> logger)
{
    private int _exitCode;

    /// <summary>The code; <see cref="Hosting.ExitCode.Success"/> while nothing failed.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode);

    /// <summary>Something failed for good: says what, and stops the program in good order.</summary>
    /// <param name="exitCode">One of <see cref="Hosting.ExitCode"/>.</param>
    /// <param name="problem">In whole sentences: what, where, and what to do.</param>
    /// <param name="failure">For the log, where the sentence does not say all.</param>
    public void Fail(int exitCode, string problem, Exception? failure = null)
    {
        logger.ProgramFails(problem, exitCode, failure);
        Keep(exitCode);
        lifetime.StopApplication();
    }

    /// <summary>Something failed for good, and the rest goes on: says what. The program will end with this code.</summary>
    /// <inheritdoc cref="Fail"/>
    public void FailInPart(int exitCode, string problem, Exception? failure)
    {
        logger.PartFails(problem, exitCode, failure);
        Keep(exitCode);
    }

    private void Keep(int exitCode)
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, Hosting.ExitCode.Success) == Hosting.ExitCode.Success)
        {
            // For a program that does not return this code itself: a failed job never ends as 0.
            Environment.ExitCode = exitCode;
        }
    }
}
