using Microsoft.Extensions.Options;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Says on stderr why the program does not start, without a stack trace, and gives the exit code.</summary>
internal static class Refusals
{
    public static async Task<int> CatchAsync(Func<Task<int>> command)
    {
        try
        {
            return await command().ConfigureAwait(false);
        }
        catch (OptionsValidationException refusal)
        {
            await Console.Error.WriteLineAsync("Settings do not fit:").ConfigureAwait(false);
            foreach (string problem in refusal.Failures)
            {
                await Console.Error.WriteLineAsync($"  {problem}").ConfigureAwait(false);
            }
            return ExitCode.Configuration;
        }
        catch (JobException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message).ConfigureAwait(false);
            return ExitCode.Of(refusal.Reason);
        }
    }
}
