using System.CommandLine;
using Microsoft.Extensions.Options;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>Says on stderr why the program does not start, without a stack trace, and gives the exit code.</summary>
internal static class Refusals
{
    public static async Task<int> CatchAsync(ParseResult parsed, Func<Task<int>> command)
    {
        var errors = parsed.InvocationConfiguration.Error;
        try
        {
            return await command().ConfigureAwait(false);
        }
        catch (OptionsValidationException refusal)
        {
            await errors.WriteLineAsync("Settings do not fit:").ConfigureAwait(false);
            foreach (string problem in refusal.Failures)
            {
                await errors.WriteLineAsync($"  {problem}").ConfigureAwait(false);
            }
            return ExitCode.Configuration;
        }
        catch (CheckpointStorageException failure)
        {
            await errors.WriteLineAsync(failure.Message).ConfigureAwait(false);
            return failure.Reason is StorageFailure.Unavailable or StorageFailure.Refused ? ExitCode.Unreachable : ExitCode.Configuration;
        }
        catch (JobException refusal)
        {
            await errors.WriteLineAsync(refusal.Message).ConfigureAwait(false);
            return ExitCode.Of(refusal.Reason);
        }
    }
}
