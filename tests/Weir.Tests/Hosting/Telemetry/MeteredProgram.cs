using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Hosting;
using Weir.Runtime;
using Weir.Tests.Doubles;
using Weir.Tests.Graph;

namespace Weir.Tests.Hosting;

/// <summary>A program with one job, which takes a checkpoint when the test asks for one, and has a management port. The job's name is its own: all programs of a process share their meters.</summary>
internal sealed class MeteredProgram : IAsyncDisposable
{
    public const int Records = 100;

    private readonly string _folder = Directory.CreateTempSubdirectory("weir").FullName;
    private readonly IHost _host;
    private readonly HttpClient _client;
    private readonly Numbers _numbers = new();
    private int _savepoints;

    private MeteredProgram((string Path, string? Value)[] settings, Action<WeirBuilder> add)
    {
        Job = $"metered-{Guid.NewGuid():N}";
        string url = $"http://127.0.0.1:{FreePort()}";
        var script = new SettingsScript([
            ("Weir:Jobs:orders:Enabled", "false"), ($"Weir:Jobs:{Job}:CheckpointInterval", "1h"), ($"Weir:Jobs:{Job}:Parallelism", "2"),
            ("Weir:Management:Url", url), ("Weir:Checkpoints:Directory", _folder), .. settings]);
        script.Builder.Services.AddLogging();
        script.Weir.AddJob(Job, _ => _numbers);
        script.Weir.AddManagement();
        add(script.Weir);
        _host = script.Builder.Build();
        _client = new HttpClient { BaseAddress = new Uri(url) };
    }

    public string Job { get; }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    /// <summary>Starts one, and waits until its job has taken all its records.</summary>
    public static async Task<MeteredProgram> StartAsync(Action<WeirBuilder>? add = null, params (string Path, string? Value)[] settings)
    {
        var program = new MeteredProgram(settings, add ?? (static _ => { }));
        await program._host.StartAsync(Now);
        await program._numbers.Taken.WaitAsync(TimeSpan.FromSeconds(60), Now);
        return program;
    }

    /// <summary>Has a checkpoint taken, and waits for the trace that tells of it.</summary>
    public async Task<IReadOnlyList<Activity>> CheckpointAsync()
    {
        using var traces = new TraceEar(Job);
        await _host.Services.GetRequiredService<WeirJobs>().TakeSavepointAsync(Job, new SavepointRequest($"test-{++_savepoints}"), Now).WaitAsync(TimeSpan.FromSeconds(60), Now);
        return await traces.TraceAsync();
    }

    public async Task<(HttpStatusCode Status, string? Type, string Text)> GetAsync(string path, string accepted = "text/plain")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accepted);
        using var response = await _client.SendAsync(request, Now);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(Now));
    }

    public Task StopAsync() => _host.StopAsync(Now);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Numbers : IJob
    {
        private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _records;

        public Task Taken => _taken.Task;

        public void Build(JobBuilder job) => job.From(new NumberSource("numbers", splits: 2, count: Records, ends: false))
            .WithWatermarks("times", number => number, TimeSpan.Zero)
            .KeyBy(number => number % 10)
            .Aggregate("sums", 0L, (sum, number) => sum + number, Show)
            .To(new LatestSink<long, long>("totals"));

        private (long Key, long Sum) Show(long key, long sum)
        {
            if (Interlocked.Increment(ref _records) == Records)
            {
                _taken.SetResult();
            }
            return (key, sum);
        }
    }
}
