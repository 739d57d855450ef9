using System.CommandLine;
using Spectre.Console;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>The verb <c>checkpoints</c>: what lies in a store, what it holds, whether it is whole, and how it gets to another one. No job runs, no broker is asked.</summary>
internal sealed class CheckpointsCommand
{
    private readonly IServiceProvider _services;
    private readonly Option<string?> _from = new("--from") { Description = "Another store than the configured one: a folder, or azure://CONTAINER/PREFIX.", HelpName = "STORE" };
    private readonly Argument<string> _name = new("name") { Description = "A savepoint's name, a checkpoint's (chk-..), or a path in the store." };

    private CheckpointsCommand(IServiceProvider services) => _services = services;

    public static Command Create(IServiceProvider services)
    {
        var verbs = new CheckpointsCommand(services);
        return new Command("checkpoints", "Look at checkpoints and savepoints, verify them, copy them to another store; no job runs, no broker is asked.")
        {
            verbs.List(), verbs.Show(), verbs.Verify(), verbs.Copy(),
        };
    }

    private Verb List()
    {
        var job = new Argument<string?>("job") { Description = "One job's name; all by default.", Arity = ArgumentArity.ZeroOrOne };
        var verb = new Verb("list", "List checkpoints and savepoints, and which one LATEST names; the pointer of a job with Kafka lies there.", "checkpoints list", "checkpoints list orders --json") { job, _from };
        return verb.Shows(async (parsed, cancellation) =>
        {
            var storage = CheckpointPlaces.Open(_services, parsed.GetValue(_from));
            var entries = await CheckpointCatalog.ReadAsync(storage, parsed.GetValue(job), cancellation).ConfigureAwait(false);
            verb.Write(parsed, entries, CheckpointsJson.Default.IReadOnlyListCheckpointEntry, tables => new CheckpointTables(tables).List(entries, storage.Location));
            return ExitCode.Success;
        });
    }

    private Verb Show()
    {
        const int RecordsMax = 1000;
        var one = new Option<string?>("--operator") { Description = "Of this operator only.", HelpName = "ID" };
        var edge = new Option<string?>("--edge") { Description = "Of this edge only.", HelpName = "ID" };
        var records = new Option<int>("--records") { Description = "So many records of each channel, and entries of each state, as hexadecimal digits.", HelpName = "N" };
        records.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > RecordsMax)
            {
                result.AddError($"--records is out of range: 0 to {RecordsMax}.");
            }
        });
        var verb = new Verb("show", "Show what a checkpoint or savepoint holds: operators, states, edges with records in flight.", "checkpoints show before-upgrade", "checkpoints show chk-0000000042-1f0c --edge 'orders->totals#0' --records 5") { _name, one, edge, records, _from };
        return verb.Shows(async (parsed, cancellation) =>
        {
            var (storage, folder, metadata) = await FindAsync(parsed, cancellation).ConfigureAwait(false);
            var reading = new CheckpointReading(storage, folder, metadata, parsed.GetValue(records));
            var details = await reading.ReadAsync(parsed.GetValue(one), parsed.GetValue(edge), cancellation).ConfigureAwait(false);
            verb.Write(parsed, details, CheckpointsJson.Default.CheckpointDetails, tables => new CheckpointTables(tables).Show(details));
            return ExitCode.Success;
        });
    }

    private Verb Verify()
    {
        var verb = new Verb("verify", "Read all that a checkpoint or savepoint needs, and compare all checksums: exit code 0 or 2.", "checkpoints verify before-upgrade") { _name, _from };
        return verb.Shows(async (parsed, cancellation) =>
        {
            var (storage, folder, metadata) = await FindAsync(parsed, cancellation).ConfigureAwait(false);
            var verification = new CheckpointVerification(storage, folder, metadata);
            await WatchAsync(verb, parsed, verification.RunAsync(cancellation), [("verified", () => verification.Bytes, verification.BytesTotal)]).ConfigureAwait(false);
            var found = new VerifiedJson(folder, verification.Files, verification.Segments, verification.BytesTotal, verification.FaultCount, verification.Faults);
            verb.Write(parsed, found, CheckpointsJson.Default.VerifiedJson, tables => Say(tables, found, storage.Location));
            return found.FaultCount == 0 ? ExitCode.Success : ExitCode.Configuration;
        });
    }

    private Verb Copy()
    {
        var to = new Option<string>("--to") { Description = "Where to: a folder, or azure://CONTAINER/PREFIX with the configured account.", HelpName = "STORE", Required = true };
        var verb = new Verb("copy", "Copy a checkpoint or savepoint, with what it references, to another store, and verify the copy; again goes on where it was cut.", "checkpoints copy before-upgrade --to /backup/weir", "checkpoints copy before-upgrade --to azure://weir/backup") { _name, _from, to };
        return verb.Shows(async (parsed, cancellation) =>
        {
            var (storage, folder, metadata) = await FindAsync(parsed, cancellation).ConfigureAwait(false);
            var target = CheckpointPlaces.Open(_services, parsed.GetValue(to));
            if (target.Location == storage.Location)
            {
                throw new JobException(JobFailure.Configuration, $"{folder} is to be copied from {storage.Location} to itself: name another store with --to.");
            }
            var copy = new CheckpointCopy(storage, target, folder, metadata);
            var copying = copy.RunAsync(cancellation);
            await WatchAsync(verb, parsed, copying, [("copied", () => copy.Bytes, copy.BytesToVerify), ("verified", () => copy.BytesVerified, copy.BytesToVerify)]).ConfigureAwait(false);
            var done = new CopiedJson(folder, storage.Location, target.Location, copy.Files.Count + 1, copy.Bytes, WasThere: !await copying.ConfigureAwait(false));
            verb.Write(parsed, done, CheckpointsJson.Default.CopiedJson, tables => tables.Line(done.WasThere
                ? $"{folder} is in {done.To} already, and whole."
                : $"{folder} is in {done.To}: {done.Files} files, {SettingText.Size(done.BytesWritten)} written, read back and right. A job that has its checkpoints there begins from it with run --from {folder}."));
            return ExitCode.Success;
        });
    }

    private async Task<(ICheckpointStorage Storage, string Folder, CheckpointMetadata Metadata)> FindAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var storage = CheckpointPlaces.Open(_services, parsed.GetValue(_from));
        string folder = await CheckpointPlaces.FindAsync(storage, parsed.GetValue(_name)!, cancellation).ConfigureAwait(false);
        return (storage, folder, await CheckpointMetadata.ReadAsync(storage, folder, cancellation).ConfigureAwait(false));
    }

    private static void Say(TextTables tables, VerifiedJson found, string location)
    {
        if (found.FaultCount == 0)
        {
            tables.Line($"{found.Folder} in {location} is whole: {found.Files} files, {found.Segments} segments, {SettingText.Size(found.Bytes)}, all checksums are right.");
            return;
        }
        foreach (string fault in found.Faults)
        {
            tables.Line(fault);
        }
        tables.Line($"{found.Folder} in {location} is damaged: {found.FaultCount} of {found.Segments} segments are not what was written.");
    }

    /// <summary>Waits; where somebody watches, with bars.</summary>
    private static async Task WatchAsync(Verb verb, ParseResult parsed, Task work, (string What, Func<long> Done, long Total)[] parts)
    {
        if (Terminal.IsAttended && parsed.InvocationConfiguration.Output == Console.Out && !verb.IsForScripts(parsed))
        {
            await AnsiConsole.Progress().StartAsync(async bars =>
            {
                var shown = parts.Select(part => (Bar: bars.AddTask(part.What, maxValue: Math.Max(1, part.Total)), part.Done)).ToList();
                do
                {
                    await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(200))).ConfigureAwait(false);
                    shown.ForEach(one => one.Bar.Value = one.Done());
                }
                while (!work.IsCompleted);
            }).ConfigureAwait(false);
        }
        await work.ConfigureAwait(false);
    }
}
