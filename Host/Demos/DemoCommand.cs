using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Hosting;

namespace Weir.Demos;

/// <summary>The verb <c>demo</c>. What it shows decides how the program is built, so that the arguments are read twice: before, and when it runs.</summary>
internal sealed class DemoCommand
{
    private readonly Option<int> _turn = new("--turn") { Description = "Seconds that each kind of checkpoint is shown.", DefaultValueFactory = _ => 20 };
    private readonly Option<double> _perSecond = new("--per-second") { Description = "Records a second that each sink takes.", DefaultValueFactory = _ => 1000 };
    private readonly Command _pressure;
    private readonly Command _crash = new("crash", "A job is killed five times while it reads and writes; then its output is compared with its input.");
    private readonly Command _job;
    private readonly Command _demo;

    public DemoCommand()
    {
        _turn.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 2 or > 3600)
            {
                result.AddError("--turn is out of range: 2 to 3600 seconds.");
            }
        });
        _pressure = new Command("pressure", "A job whose sink is too slow, so that all its buffers are full: how long unaligned and aligned checkpoints take then.") { _turn };
        _job = new Command("job", "The job that `demo crash` kills.") { _perSecond };
        _job.Hidden = true;
        _demo = new Command("demo", "Shows what Weir is for, on an embedded broker.") { _pressure, _crash, _job };
    }

    /// <summary>What the arguments ask to be shown.</summary>
    public Demo Read(string[] args)
    {
        var parsed = new RootCommand { _demo }.Parse(WeirCommandLine.WithoutSettings(args));
        var command = parsed.Errors.Count == 0 ? parsed.CommandResult.Command : null;
        return command == _pressure ? new PressureDemo(TimeSpan.FromSeconds(parsed.GetValue(_turn)))
            : command == _job ? new CrashedJob(parsed.GetValue(_perSecond))
            : new Demo();
    }

    /// <summary>The verb of a program that was built for what was read.</summary>
    public Command Bind(IServiceProvider services)
    {
        var host = services.GetRequiredService<IHost>();
        _pressure.SetAction((parsed, cancellation) => Refusals.CatchAsync(parsed, () => PressureDemo.RunAsync(host, cancellation)));
        _job.SetAction((parsed, cancellation) => Refusals.CatchAsync(parsed, () => RunCommand.RunAsync(host, cancellation)));
        _crash.SetAction((parsed, cancellation) => Refusals.CatchAsync(parsed, () => ActivatorUtilities.CreateInstance<CrashDemo>(services).RunAsync(cancellation)));
        return _demo;
    }
}
