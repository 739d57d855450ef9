using Microsoft.Extensions.DependencyInjection;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>Finds stores and checkpoints by what the command line calls them.</summary>
internal static class CheckpointPlaces
{
    private const int NamesSaid = 10;

    /// <summary>The store of a name: a folder, or one with a scheme; without a name the configured one.</summary>
    /// <exception cref="JobException">There is no such store.</exception>
    public static ICheckpointStorage Open(IServiceProvider services, string? place)
    {
        if (place is null)
        {
            return services.GetRequiredService<ICheckpointStorage>();
        }
        var schemes = services.GetServices<StoreScheme>().ToList();
        if (schemes.Find(scheme => place.StartsWith(scheme.Prefix, StringComparison.Ordinal)) is { } known)
        {
            return known.Open(place);
        }
        if (place.Contains("://", StringComparison.Ordinal))
        {
            throw Refused($"'{place}' is no store that this program knows: name a folder{string.Concat(schemes.Select(scheme => $", or {scheme.Prefix}.."))}.");
        }
        return new LocalStorage(place);
    }

    /// <summary>The folder of a checkpoint or savepoint: by its whole path in the store, by its own name, or by a savepoint's.</summary>
    /// <exception cref="JobException">There is none, or there are several; the message says which there are.</exception>
    public static async Task<string> FindAsync(ICheckpointStorage storage, string name, CancellationToken cancellation)
    {
        string asked = name.Replace('\\', '/').TrimEnd('/');
        string root = storage.Location.Replace('\\', '/').TrimEnd('/') + "/";
        asked = asked.StartsWith(root, StringComparison.Ordinal) ? asked[root.Length..] : asked;
        var finished = OrphanChoice.Finished(await storage.SurveyAsync("", cancellation).ConfigureAwait(false));
        string[] found = [.. finished.Where(folder => folder == asked || CheckpointPaths.LastPart(folder) == asked || IsSavepoint(folder, asked))];
        return found.Length switch
        {
            1 => found[0],
            0 => throw Refused($"There is no checkpoint or savepoint '{name}' in {storage.Location}; there {Said(finished)}."),
            _ => throw Refused($"'{name}' is several in {storage.Location}: name one by its path, {string.Join(" or ", found)}."),
        };
    }

    private static bool IsSavepoint(string folder, string name) =>
        name.Length is > 0 and <= 100 && CheckpointPaths.IsSavepointFolder(folder) && CheckpointPaths.LastPart(folder) == CheckpointPaths.LastPart(CheckpointPaths.SavepointFolder("job", name));

    private static string Said(IReadOnlyList<string> folders) => folders.Count switch
    {
        0 => "are none",
        <= NamesSaid => $"are {string.Join(", ", folders)}",
        _ => $"are {string.Join(", ", folders.TakeLast(NamesSaid))}, and {folders.Count - NamesSaid} more",
    };

    private static JobException Refused(string sentence) => new(JobFailure.Configuration, sentence);
}
