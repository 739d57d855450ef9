namespace Weir.Sandbox.Groups;

/// <summary>What a group has committed of a partition.</summary>
internal readonly record struct CommittedOffset(long Offset, int LeaderEpoch, string? Metadata);
