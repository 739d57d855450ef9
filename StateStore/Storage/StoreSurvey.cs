namespace Weir.StateStore;

/// <summary>What lies below a folder of a store, at one moment of the store's own clock.</summary>
/// <param name="Files">All files, half-written ones included where the store shows them.</param>
/// <param name="Now">When it was, by the clock that the files' times are of; long ago where nothing is there to ask.</param>
public sealed record StoreSurvey(IReadOnlyList<StoredFile> Files, DateTimeOffset Now);

/// <summary>A file of a store.</summary>
/// <param name="Name">Its name; of a half-written one, a name that no other call takes.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="ModifiedAt">When it came there, or was last written.</param>
/// <param name="IsWhole">Whether it was committed. Otherwise somebody is at it, or has died.</param>
public readonly record struct StoredFile(string Name, long Length, DateTimeOffset ModifiedAt, bool IsWhole);
