using Microsoft.Extensions.Options;
using Weir.Runtime;
using Weir.StateStore;

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
        catch (CheckpointStorageException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message).ConfigureAwait(false);
            return failure.Reason is StorageFailure.Unavailable or StorageFailure.Refused ? ExitCode.Unreachable : ExitCode.Configuration;
        }
        catch (JobException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message).ConfigureAwait(false);
            return ExitCode.Of(refusal.Reason);
        }
    }
}
