using System.Globalization;

namespace Weir.StateStore;

/// <summary>What the name of a checkpoint's folder says.</summary>
/// <param name="CheckpointId">The checkpoint's number.</param>
/// <param name="LifeId">The life that took it.</param>
public readonly record struct CheckpointFolderName(long CheckpointId, string LifeId)
{
    /// <summary>The folder's name, without the folders above it. Ten digits, so that names sort as numbers do.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"chk-{CheckpointId:0000000000}-{LifeId}");
}
