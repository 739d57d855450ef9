using System.CommandLine;

namespace Weir.Hosting;

/// <summary>Says on stderr that something takes long, and for how long: for whoever sits before it.</summary>
internal static class WaitingLine
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(2);

    /// <summary>Waits; on a terminal one line counts the seconds, elsewhere it is said once.</summary>
    /// <param name="parsed">The verb that waits.</param>
    /// <param name="work">What is waited for.</param>
    /// <param name="what">That it is, in a few words.</param>
    /// <param name="time">The clock.</param>
    public static async Task<T> ForAsync<T>(ParseResult parsed, Task<T> work, string what, TimeProvider time)
    {
        var errors = parsed.InvocationConfiguration.Error;
        bool isTerminal = errors == Console.Error && !Console.IsErrorRedirected;
        long began = time.GetTimestamp();
        bool said = false;
        while (await Task.WhenAny(work, Task.Delay(s_silence, time)).ConfigureAwait(false) != work)
        {
            if (isTerminal)
            {
                await errors.WriteAsync($"\r{what}, {TextTables.Length(time.GetElapsedTime(began))}; Ctrl-C waits no longer ").ConfigureAwait(false);
            }
            else if (!said)
            {
                await errors.WriteLineAsync($"{what}.").ConfigureAwait(false);
            }
            said = true;
        }
        if (said && isTerminal)
        {
            await errors.WriteLineAsync().ConfigureAwait(false);
        }
        return await work.ConfigureAwait(false);
    }
}
