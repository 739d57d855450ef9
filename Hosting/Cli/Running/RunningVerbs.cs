using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>The verbs that ask a running program: <c>status</c>, <c>savepoint</c>, <c>stop</c>.</summary>
internal sealed class RunningVerbs
{
    private static readonly TimeSpan s_lookAgainAfter = TimeSpan.FromMilliseconds(100);

    private readonly IServiceProvider _services;
    private readonly Option<string?> _url = new("--url") { Description = "Where the program is, instead of Weir:Management:Url.", HelpName = "URL" };
    private readonly Argument<string?> _job = new("job") { Description = "The job's name; may be left out where one runs.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _unaligned = new("--unaligned") { Description = "Store what is queued, too: ready at once under back-pressure, but bound to the job as it is." };

    private RunningVerbs(IServiceProvider services) => _services = services;

    public static IEnumerable<Command> Create(IServiceProvider services)
    {
        var verbs = new RunningVerbs(services);
        return [verbs.Status(), verbs.Savepoint(), verbs.Stop()];
    }

    private Verb Status()
    {
        var verb = new Verb("status", "Show what the jobs of a running program do.", "status", "status --json", "status --url http://stream-1:5080") { _url };
        return verb.Shows(async (parsed, cancellation) =>
        {
            using var client = Client(parsed);
            var status = await client.StatusAsync(cancellation).ConfigureAwait(false);
            verb.Write(parsed, status, ManagementJson.Default.HostStatus, tables => StatusTable.Show(tables, status));
            return ExitCode.Success;
        });
    }

    private Verb Savepoint()
    {
        var name = new Option<string?>("--name") { Description = "What it is called, unique within the job; the time by default.", HelpName = "NAME" };
        var stop = new Option<bool>("--stop") { Description = "Stop the job behind it: nothing behind it is committed." };
        var drain = new Option<bool>("--drain") { Description = "Read nothing more, process all that was read, take it, and stop." };
        var verb = new Verb("savepoint", "Take a savepoint of a job in a running program; the job goes on.", "savepoint orders", "savepoint orders --name before-upgrade --stop", "savepoint orders --drain")
        {
            _job, name, stop, drain, _unaligned, _url,
        };
        return verb.Shows(async (parsed, cancellation) =>
        {
            var then = (parsed.GetValue(stop), parsed.GetValue(drain)) switch
            {
                (false, false) => AfterSavepoint.GoOn,
                (true, false) => AfterSavepoint.Stop,
                (false, true) => AfterSavepoint.Drain,
                _ => throw Refused("--stop and --drain are two ways to stop: name one."),
            };
            using var client = Client(parsed);
            string job = await JobAsync(parsed, client, cancellation).ConfigureAwait(false);
            var wish = new SavepointWish { Name = parsed.GetValue(name), Unaligned = parsed.GetValue(_unaligned), Then = then };
            var taking = client.ActAsync(PathOf(job, "savepoint"), wish, ManagementJson.Default.SavepointWish, ManagementJson.Default.SavepointMade, cancellation);
            var made = await WaitingLine.ForAsync(parsed, taking, $"Job {job} takes a savepoint", Time).ConfigureAwait(false);
            verb.Write(parsed, made, ManagementJson.Default.SavepointMade, tables => tables.Line(Sentence(made)));
            return ExitCode.Success;
        });
    }

    private Verb Stop()
    {
        var savepoint = new Option<string?>("--savepoint") { Description = "Take a savepoint first, of this name or that of the time.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
        var drain = new Option<bool>("--drain") { Description = "Read nothing more, process all that was read, take a savepoint, and stop." };
        var verb = new Verb(
            "stop", "Stop a job of a running program with a last checkpoint, or, without a name, the program.", "stop", "stop orders", "stop orders --savepoint before-upgrade", "stop orders --drain")
        {
            _job, savepoint, drain, _unaligned, _url,
        };
        return verb.Shows(async (parsed, cancellation) =>
        {
            using var client = Client(parsed);
            bool takesSavepoint = parsed.GetResult(savepoint) is { Implicit: false };
            if (parsed.GetValue(_job) is null && !takesSavepoint && !parsed.GetValue(drain))
            {
                return await StopProgramAsync(verb, parsed, client, cancellation).ConfigureAwait(false);
            }
            string job = await JobAsync(parsed, client, cancellation).ConfigureAwait(false);
            var wish = new StopWish { Drain = parsed.GetValue(drain), TakesSavepoint = takesSavepoint, Savepoint = parsed.GetValue(savepoint), Unaligned = parsed.GetValue(_unaligned) };
            var stopping = client.ActAsync(PathOf(job, "stop"), wish, ManagementJson.Default.StopWish, ManagementJson.Default.JobStopped, cancellation);
            var stopped = await WaitingLine.ForAsync(parsed, stopping, $"Job {job} stops", Time).ConfigureAwait(false);
            verb.Write(parsed, stopped, ManagementJson.Default.JobStopped, tables => tables.Line(Sentence(stopped)));
            return ExitCode.Of(stopped.Outcome);
        });
    }

    private async Task<int> StopProgramAsync(Verb verb, ParseResult parsed, ManagementClient client, CancellationToken cancellation)
    {
        var jobs = (await client.StatusAsync(cancellation).ConfigureAwait(false)).Jobs;
        await client.StopProgramAsync(cancellation).ConfigureAwait(false);
        await WaitingLine.ForAsync(parsed, UntilGoneAsync(client, cancellation), "The program stops", Time).ConfigureAwait(false);
        var stopped = new ProgramStopped([.. jobs.Select(job => job.Name)]);
        verb.Write(parsed, stopped, ManagementJson.Default.ProgramStopped, tables => tables.Line($"The program has stopped; its jobs were {string.Join(", ", stopped.Jobs)}."));
        return ExitCode.Success;
    }

    private async Task<bool> UntilGoneAsync(ManagementClient client, CancellationToken cancellation)
    {
        while (await client.IsThereAsync(cancellation).ConfigureAwait(false))
        {
            await Task.Delay(s_lookAgainAfter, Time, cancellation).ConfigureAwait(false);
        }
        return true;
    }

    private async Task<string> JobAsync(ParseResult parsed, ManagementClient client, CancellationToken cancellation)
    {
        if (parsed.GetValue(_job) is { } named)
        {
            return named;
        }
        string[] running = [.. (await client.StatusAsync(cancellation).ConfigureAwait(false)).Jobs.Where(job => job.Phase != JobPhase.Ended).Select(job => job.Name)];
        return running.Length == 1 ? running[0] : throw Refused(running.Length == 0 ? "No job runs there." : $"Several jobs run there: name one, {string.Join(" or ", running)}.");
    }

    private TimeProvider Time => _services.GetRequiredService<TimeProvider>();

    private ManagementClient Client(ParseResult parsed)
    {
        // As they were set, unchecked: what would keep this program from running, such as a port that is in use, is no matter here.
        var options = new OptionsFactory<WeirOptions>(_services.GetServices<IConfigureOptions<WeirOptions>>(), postConfigures: [], validations: []).Create(Options.DefaultName);
        return new ManagementClient(ManagementClient.UrlOf(parsed.GetValue(_url) ?? options.Management.Url), new ManagementToken(Options.Create(options)));
    }

    private static string PathOf(string job, string action) => $"jobs/{Uri.EscapeDataString(job)}/{action}";

    private static string Sentence(SavepointMade made)
    {
        string inFlight = made.InFlightRecords == 0 ? "" : $", {TextTables.Number(made.InFlightRecords)} records in flight";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Savepoint {made.Name} of job {made.Job} is {made.Location} in {made.Store}: {SettingText.Size(made.Bytes)}{inFlight}, took {made.DurationMs:N0} ms. A job begins from it with run --from {made.Location}.");
    }

    private static string Sentence(JobStopped stopped)
    {
        string how = stopped.Outcome switch
        {
            JobOutcome.Finished => "had finished: all its sources were read to their ends",
            JobOutcome.Stopped => "has stopped, with its last checkpoint committed",
            _ => "ended without a last checkpoint: its last committed one holds",
        };
        return $"Job {stopped.Job} {how}.{(stopped.Savepoint is { } made ? " " + Sentence(made) : "")}";
    }

    private static JobException Refused(string sentence) => new(JobFailure.Configuration, sentence);
}
