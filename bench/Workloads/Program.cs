using System.Runtime.InteropServices;
using Weir.Bench;
using Weir.Hosting;
using Weir.Runtime;

if (args.Length == 0 || args[0] is "--help" or "-h")
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return ExitCode.Configuration;
}
try
{
    var options = BenchOptions.Parse(args);
    if (options.Chore is { } chore)
    {
        chore();
        return ExitCode.Success;
    }
    using var stop = new CancellationTokenSource();
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    return await new Workload(options).RunAsync(stop);

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
catch (JobException failure)
{
    Console.Error.WriteLine(failure.Message);
    return ExitCode.Of(failure.Reason);
}
