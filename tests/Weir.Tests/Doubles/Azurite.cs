using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Weir.StateStore.Azure;
using Weir.Tests.Doubles;

[assembly: AssemblyFixture(typeof(Azurite))]

namespace Weir.Tests.Doubles;

/// <summary>
/// Azure's own emulator of its Blob service (npm: <c>azurite</c>): the program that <c>WEIR_TEST_AZURITE</c> names, else <c>azurite-blob</c> on the path.
/// Started on a free port when the first test asks, in memory, shared by all, stopped at the end of the run. Where there is none its tests are skipped, and say so.
/// </summary>
public sealed partial class Azurite : IAsyncDisposable
{
    // Known to everybody: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly Lazy<Task<string>> _connection;
    private Process? _process;

    public Azurite() => _connection = new(StartAsync);

    /// <summary>How to connect; skips the test where there is no emulator.</summary>
    public Task<string> ConnectionStringAsync() => _connection.Value;

    /// <summary>A container of its own for a test, which does not exist yet.</summary>
    /// <param name="faults">What happens to its calls; nothing by default.</param>
    /// <param name="limit">How long a try may take; by default as long as the product lets it.</param>
    internal async Task<BlobContainerClient> ContainerAsync(HttpPipelinePolicy? faults = null, TimeSpan? limit = null)
    {
        var options = AzureBlobStorage.CreateClientOptions();
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        options.Retry.MaxDelay = TimeSpan.FromMilliseconds(10);
        options.Retry.NetworkTimeout = limit ?? options.Retry.NetworkTimeout;
        if (faults is not null)
        {
            options.AddPolicy(faults, Azure.Core.HttpPipelinePosition.BeforeTransport);
        }
        return new BlobContainerClient(await ConnectionStringAsync(), $"test-{Guid.NewGuid():n}", options);
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> StartAsync()
    {
        string program = Environment.GetEnvironmentVariable("WEIR_TEST_AZURITE") is { Length: > 0 } given ? given : "azurite-blob";
        var start = new ProcessStartInfo(program, ["--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            string missing = $"No Azurite was found: there is no {program} on the path, nor does WEIR_TEST_AZURITE name one (npm install -g azurite).";
            Console.WriteLine(missing);
            Assert.Skip(missing);
        }
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
        _process!.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        string endpoint = await EndpointAsync(_process).WaitAsync(TimeSpan.FromSeconds(60));
        Console.WriteLine($"Blob service for tests: Azurite at {endpoint}");
        return $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint={endpoint}/{Account};";
    }

    private static Task<string> EndpointAsync(Process process)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                found.TrySetException(new InvalidOperationException("Azurite ended before it listened."));
            }
            else if (Listening().Match(line.Data) is { Success: true } match)
            {
                found.TrySetResult(match.Value);
            }
        };
        process.BeginOutputReadLine();
        return found.Task;
    }

    private void Kill()
    {
        try
        {
            _process?.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended, or was disposed after it was killed.
        }
    }

    [GeneratedRegex(@"http://[\d.]+:\d+")]
    private static partial Regex Listening();
}
