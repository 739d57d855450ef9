namespace Weir.Hosting;

/// <summary>Looks how much room the disk of a folder has.</summary>
/// <param name="Of">Bytes that are free for this program at a folder that exists.</param>
internal sealed record FreeSpace(Func<string, long> Of)
{
    public static FreeSpace OfDisk { get; } = new(folder => new DriveInfo(folder).AvailableFreeSpace);
}
