using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>Asks a running program by its management port. Every failure is a <see cref="JobException"/> that says what was tried and what to do.</summary>
internal sealed class ManagementClient : IDisposable
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_statusTimeout = TimeSpan.FromSeconds(10);

    private readonly Uri _url;
    private readonly ManagementToken _token;
    private readonly HttpClient _client;

    /// <param name="url">Where the port is.</param>
    /// <param name="token">Read only where an action needs it.</param>
    public ManagementClient(Uri url, ManagementToken token)
    {
        _url = url;
        _token = token;
        // No proxy and no redirection: the token is for this program alone.
        _client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = s_connectTimeout, UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = url,
            Timeout = Timeout.InfiniteTimeSpan, // A savepoint takes as long as it takes.
        };
    }

    /// <summary>Where a program of these settings is asked; what it listens on may be any address of its machine.</summary>
    /// <exception cref="JobException">It is no address.</exception>
    public static Uri UrlOf(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new JobException(JobFailure.Configuration, $"'{text}' is no http address: write one such as http://localhost:5080.");
        }
        return url.Host is "0.0.0.0" or "[::]" ? new UriBuilder(url) { Host = "localhost" }.Uri : url;
    }

    public async Task<HostStatus> StatusAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_statusTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, "jobs");
        try
        {
            using var response = await SendAsync(request, limit.Token).ConfigureAwait(false);
            return await AnswerAsync(response, ManagementJson.Default.HostStatus, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new JobException(JobFailure.Unreachable, $"The program at {_url} does not answer within {s_statusTimeout.TotalSeconds:F0} s: look at its log, or restart it.");
        }
    }

    /// <summary>Whether anybody still answers there.</summary>
    public async Task<bool> IsThereAsync(CancellationToken cancellation)
    {
        try
        {
            _ = await StatusAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (JobException gone) when (gone.Reason == JobFailure.Unreachable)
        {
            return false;
        }
    }

    public async Task<TDone> ActAsync<TWish, TDone>(string path, TWish wish, JsonTypeInfo<TWish> wishes, JsonTypeInfo<TDone> answers, CancellationToken cancellation)
    {
        using var request = Action(path);
        request.Content = JsonContent.Create(wish, wishes);
        using var response = await SendAsync(request, cancellation).ConfigureAwait(false);
        return await AnswerAsync(response, answers, cancellation).ConfigureAwait(false);
    }

    public async Task StopProgramAsync(CancellationToken cancellation)
    {
        using var request = Action("stop");
        using var response = await SendAsync(request, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw await RefusalAsync(response, cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Action(string path)
    {
        try
        {
            return new HttpRequestMessage(HttpMethod.Post, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _token.Read()) } };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new JobException(
                JobFailure.Unreachable,
                $"The token of the program can't be read from {_token.Path}: {failure.Message.TrimEnd('.')}. Run this as the program's user and with its settings, or name the file by Weir:Management:TokenFile.",
                failure);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _client.SendAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new JobException(
                JobFailure.Unreachable, $"No program answers at {_url}: {failure.Message.TrimEnd('.')}. Start it with `run`, or say where it is by --url or Weir:Management:Url.", failure);
        }
    }

    private async Task<T> AnswerAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw await RefusalAsync(response, cancellation).ConfigureAwait(false);
        }
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellation).ConfigureAwait(false) ?? throw new JsonException("nothing");
        }
        catch (JsonException failure)
        {
            throw NotOurs("something else than the status of jobs", failure);
        }
        catch (HttpRequestException failure)
        {
            throw new JobException(JobFailure.Unreachable, $"The program at {_url} ended while it answered.", failure);
        }
    }

    private async Task<JobException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            var refusal = await response.Content.ReadFromJsonAsync(ManagementJson.Default.ManagementError, cancellation).ConfigureAwait(false) ?? throw new JsonException("nothing");
            return new JobException(Reason(refusal.ExitCode), refusal.Error);
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException)
        {
            return NotOurs($"HTTP {(int)response.StatusCode}", failure);
        }
    }

    private JobException NotOurs(string what, Exception failure) =>
        new(JobFailure.Unreachable, $"{_url} answers with {what}: that is no program of this release. Say where it is by --url or Weir:Management:Url.", failure);

    private static JobFailure Reason(int exitCode) => exitCode switch
    {
        ExitCode.Configuration => JobFailure.Configuration,
        ExitCode.Unreachable => JobFailure.Unreachable,
        ExitCode.DataLoss => JobFailure.DataLoss,
        ExitCode.Fenced => JobFailure.Fenced,
        _ => JobFailure.Permanent,
    };
}
