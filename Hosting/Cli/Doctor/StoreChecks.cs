using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>Looks at where checkpoints lie: whether it takes and gives back a file, has room, has our clock, and whose it is.</summary>
internal sealed class StoreChecks(ICheckpointStorage storage, WeirOptions options, FreeSpace space, TimeProvider time)
{
    private const string ProbeFolder = "doctor-probe";
    private const long LittleSpace = 10L << 30;
    private const long NoSpace = 64L << 20;

    // A store of two checkpoints grows by as much again while the next one is written, and once more before the old ones go.
    private const int Reserve = 2;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_skewMax = TimeSpan.FromSeconds(30);

    private string Folder => Path.GetFullPath(options.Checkpoints.Directory);

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(s_patience);
            findings.AddRange(await ProbeAsync(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false));
        }
        catch (CheckpointStorageException failure)
        {
            findings.Add(Finding.Away("store", failure.Message, "Give the program's user the right to write there, make room, or set Weir:Checkpoints to another place."));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            findings.Add(Finding.Away("store", $"{storage.Location} does not answer within {s_patience.TotalSeconds:F0} s.", "Look whether the disk, the share or the account can be reached from here."));
        }
        findings.AddRange(Rights());
        return findings;
    }

    private async Task<IReadOnlyList<Finding>> ProbeAsync(CancellationToken cancellation)
    {
        string name = $"{ProbeFolder}/probe";
        byte[] content = "weir"u8.ToArray();
        await storage.WriteAsync(name, content, replace: true, cancellation).ConfigureAwait(false);
        byte[] read = await storage.ReadAsync(name, 0, content.Length, cancellation).ConfigureAwait(false);
        // All of an account may be much; of it, only its clock is of interest.
        var survey = await storage.SurveyAsync(options.Checkpoints.Azure.IsSet ? ProbeFolder : "", cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        await storage.DeleteFolderAsync(ProbeFolder, cancellation).ConfigureAwait(false);
        return
        [
            read.AsSpan().SequenceEqual(content)
                ? Finding.Pass("store", $"{storage.Location} takes a file, gives it back and deletes it.")
                : Finding.Away("store", $"{storage.Location} gives back other bytes than were written.", "Do not run jobs on it: look at the disk."),
            Skew(survey.Now - now),
            .. Room(survey),
        ];
    }

    private static Finding Skew(TimeSpan skew) => skew.Duration() <= s_skewMax
        ? Finding.Pass("clock of the store", $"It is within {s_skewMax.TotalSeconds:F0} s of this machine's.")
        : Finding.Warn("clock of the store", $"It is {TextTables.Length(skew.Duration())} {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's.", "Let both take their time from the same NTP servers.");

    private IEnumerable<Finding> Room(StoreSurvey survey)
    {
        if (options.Checkpoints.Azure.IsSet)
        {
            yield break;
        }
        long free = space.Of(Folder);
        long stored = survey.Files.Sum(file => file.Length);
        string found = $"The disk of {Folder} has {SettingText.Size(free)} free; {SettingText.Size(stored)} are stored.";
        yield return free < NoSpace ? Finding.Away("disk", found, "Make room now: the next checkpoint may not be written, and jobs wait without one.")
            : free < Math.Max(LittleSpace, stored * Reserve) ? Finding.Warn("disk", found, $"Make room: {SettingText.Size(Math.Max(LittleSpace, stored * Reserve))} should be free.")
            : Finding.Pass("disk", found);
    }

    private IEnumerable<Finding> Rights()
    {
        if (OperatingSystem.IsWindows() || options.Checkpoints.Azure.IsSet || !Directory.Exists(Folder))
        {
            yield break;
        }
        yield return (File.GetUnixFileMode(Folder) & UnixFileMode.OtherWrite) == 0
            ? Finding.Pass("rights", $"{Folder} can't be written by everybody.")
            : Finding.Warn("rights", $"Everybody may write to {Folder}.", $"chmod o-w {Folder}");
    }
}
