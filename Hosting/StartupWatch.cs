using System.Globalization;
using System.Net.Sockets;
using Weir.Connectors.Kafka;

namespace Weir.Hosting;

/// <summary>Looks, when a job takes long to start, whether there is a broker at all: on a terminal, somebody waits for that answer.</summary>
internal static class StartupWatch
{
    private static readonly TimeSpan s_terminalTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Completes with what is wrong, or with null when the job began to process, when there is a broker, or when nobody wants to know.</summary>
    public static async Task<string?> RunAsync(JobRun run, KafkaOptions kafka, TimeProvider time, CancellationToken cancellation)
    {
        var timeout = kafka.StartupTimeout ?? (Terminal.IsAttended ? s_terminalTimeout : Timeout.InfiniteTimeSpan);
        try
        {
            await Task.Delay(timeout, time, cancellation).ConfigureAwait(false);
            if (run.HasStarted || kafka.BootstrapServers.Length == 0 || await AnyAnswersAsync(kafka.BootstrapServers, cancellation).ConfigureAwait(false))
            {
                return null;
            }
            return string.Create(
                CultureInfo.InvariantCulture,
                $"No Kafka broker answers at {kafka.BootstrapServers} (waited {timeout.TotalSeconds:0.#} s): start it, or set Weir:Kafka:BootstrapServers to yours. {KafkaHints.GetOne}");
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<bool> AnyAnswersAsync(string servers, CancellationToken cancellation)
    {
        foreach (string server in servers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int colon = server.LastIndexOf(':');
            if (await AnswersAsync(colon < 0 ? server : server[..colon].Trim('[', ']'), PortOf(server, colon), cancellation).ConfigureAwait(false))
            {
                return true;
            }
        }
        return false;
    }

    private static int PortOf(string server, int colon) =>
        colon >= 0 && int.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) ? port : 9092;

    private static async Task<bool> AnswersAsync(string host, int port, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_connectTimeout);
        try
        {
            await client.ConnectAsync(host.Split("://")[^1], port, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
