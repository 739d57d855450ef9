using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Weir.Chaos;

/// <summary>What the real program tells systemd: sd_notify(3), on a socket as systemd has it.</summary>
public sealed class SystemdTests : IDisposable
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_watchdog = TimeSpan.FromMilliseconds(200);

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-systemd-").FullName;
    private readonly Socket? _socket;

    public SystemdTests()
    {
        if (OperatingSystem.IsLinux())
        {
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            _socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "notify")));
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_service_says_that_it_is_ready_that_it_lives_and_how_long_its_stop_may_take()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no systemd");
        await using var life = Start();
        await HearsAsync("READY=1");
        await HearsAsync("WATCHDOG=1");
        await HearsAsync("WATCHDOG=1");
        life.Terminate();
        await HearsAsync("STOPPING=1", "EXTEND_TIMEOUT_USEC=30000000");
        Assert.Equal(0, await life.ExitCodeAsync(s_hang));
    }

    [Fact]
    public async Task One_that_hangs_in_a_record_says_no_more_that_it_lives()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no systemd");
        await using var life = Start("--Fault:Kind=Hang", "--Weir:StuckTimeout=1s");
        await HearsAsync("WATCHDOG=1");
        await life.Says("hangs").WaitAsync(s_hang, TestContext.Current.CancellationToken);
        long began = Stopwatch.GetTimestamp();
        while (_socket!.Poll(5 * s_watchdog, SelectMode.SelectRead))
        {
            await HearsAsync();
            Assert.True(Stopwatch.GetElapsedTime(began) < s_hang, "it is still told that it lives");
        }
        await life.Says("systemd is not told any more that the program lives, and will start it again: Job faulty").WaitAsync(s_hang, TestContext.Current.CancellationToken);
    }

    /// <summary>Hears until all of these were said.</summary>
    private async Task HearsAsync(params string[] expected)
    {
        var missing = expected.ToHashSet();
        byte[] buffer = new byte[1024];
        using var hang = new CancellationTokenSource(s_hang);
        do
        {
            int length = await _socket!.ReceiveAsync(buffer, hang.Token);
            missing.ExceptWith(Encoding.UTF8.GetString(buffer, 0, length).Split('\n'));
        }
        while (missing.Count > 0);
    }

    private WeirProcess Start(params string[] more) =>
        WeirProcess.StartFaultyService(Path.Combine(_folder, "checkpoints"), more, Path.Combine(_folder, "notify"), s_watchdog);
}
