using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Checks all options at once, so that one start shows all that is to be corrected.</summary>
internal sealed partial class WeirOptionsValidator(IEnumerable<JobRegistration> registrations, IOptions<HostOptions> host) : IValidateOptions<WeirOptions>
{
    public ValidateOptionsResult Validate(string? name, WeirOptions options)
    {
        var problems = new List<string>(options.Problems);
        OptionsRanges.Check(options, WeirOptions.Section, problems);
        if (options.StopTimeout >= host.Value.ShutdownTimeout)
        {
            problems.Add(
                $"Weir:StopTimeout is {options.StopTimeout:c}, but the host gives up after its ShutdownTimeout of {host.Value.ShutdownTimeout:c}: "
                + "set a smaller one, or raise HostOptions.ShutdownTimeout.");
        }
        if (!Uri.TryCreate(options.Management.Url, UriKind.Absolute, out var url) || url.Scheme is not "http")
        {
            problems.Add($"Weir:Management:Url is '{options.Management.Url}', which is no http address: set one such as http://localhost:5080.");
        }
        if (options.Sandbox is { Enabled: true, IsThere: false })
        {
            problems.Add("Weir:Sandbox:Enabled is true, but this program has no embedded broker: remove the setting, or call AddSandbox where the program is built.");
        }
        CheckTelemetry(options.Telemetry, problems);
        CheckAzure("Weir:Checkpoints:Azure", options.Checkpoints.Azure, problems);
        foreach (var (job, settings) in options.Jobs)
        {
            CheckJob($"Weir:Jobs:{job}", job, settings, problems);
        }
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void CheckTelemetry(TelemetryOptions telemetry, List<string> problems)
    {
        if (telemetry.Otlp.Endpoint.Length > 0 && (!Uri.TryCreate(telemetry.Otlp.Endpoint, UriKind.Absolute, out var collector) || collector.Scheme is not ("http" or "https")))
        {
            problems.Add($"Weir:Telemetry:Otlp:Endpoint is '{telemetry.Otlp.Endpoint}', which is no collector's address: set one such as http://localhost:4317.");
        }
        else if (telemetry is { Otlp: { Endpoint.Length: > 0, IsFromVariable: false, IsThere: false } })
        {
            problems.Add("Weir:Telemetry:Otlp:Endpoint is set, but this program sends nothing: remove it, or call AddTelemetry where the program is built.");
        }
        if (!bool.TryParse(telemetry.Prometheus, out _) && (!telemetry.Prometheus.StartsWith('/') || telemetry.Prometheus.StartsWith("/health", StringComparison.Ordinal)))
        {
            problems.Add($"Weir:Telemetry:Prometheus is '{telemetry.Prometheus}': set it to true, to false, or to a path of its own such as {TelemetryOptions.DefaultPath}.");
        }
    }

    private static void CheckAzure(string path, AzureBlobOptions azure, List<string> problems)
    {
        if (azure is { IsSet: true, IsThere: false })
        {
            problems.Add($"{path} is set, but this program can't use it: remove it, or call AddAzureBlobCheckpoints where the program is built.");
        }
        if (azure is { ServiceUri.Length: > 0, ConnectionString.Length: > 0 })
        {
            problems.Add($"{path}:ServiceUri and {path}:ConnectionString both say where the account is: remove one of them.");
        }
        if (azure.SasToken.Length > 0 && azure.ServiceUri.Length == 0)
        {
            problems.Add($"{path}:SasToken is set without {path}:ServiceUri: set that, too.");
        }
        if (azure.ServiceUri.Length > 0 && (!Uri.TryCreate(azure.ServiceUri, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Query.Length > 0))
        {
            problems.Add($"{path}:ServiceUri is no account's address: set one such as https://account.blob.core.windows.net; a signature belongs into SasToken.");
        }
        if (!AzureContainerName().IsMatch(azure.Container))
        {
            problems.Add($"{path}:Container is '{azure.Container}', which is no container's name: use 3 to 63 small letters, digits and single dashes between them.");
        }
    }

    // https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex AzureContainerName();

    private void CheckJob(string path, string job, JobOptions settings, List<string> problems)
    {
        if (!registrations.Any(registration => registration.Name == job))
        {
            problems.Add($"{path} is for a job that this program does not have: correct the name, or remove it; there are {string.Join(", ", registrations.Select(known => known.Name))}.");
        }
        if (settings.Parallelism > settings.MaxParallelism)
        {
            problems.Add(
                $"{path}:Parallelism is {settings.Parallelism}, more than MaxParallelism ({settings.MaxParallelism}): set it to 1 up to {settings.MaxParallelism}, "
                + "or, while the job keeps no state, raise MaxParallelism.");
        }
        if (settings.Restart.InitialDelay > settings.Restart.MaxDelay)
        {
            problems.Add($"{path}:Restart:InitialDelay is {settings.Restart.InitialDelay:c}, longer than MaxDelay ({settings.Restart.MaxDelay:c}): set it to at most that.");
        }
        if (settings is { CheckpointMode: CheckpointMode.Aligned, AlignedCheckpointTimeout: not null })
        {
            problems.Add(
                $"{path}:AlignedCheckpointTimeout is set, and CheckpointMode is Aligned, which never turns unaligned: remove one of them. "
                + "Unaligned (the default) with the timeout is aligned until it is that old.");
        }
    }
}
