using Weir.Runtime;
using Weir.Runtime.Checkpointing;
using Weir.StateStore;

namespace Weir.Tests.Runtime;

/// <summary>Where restored records may stay.</summary>
public sealed class ReferenceChoiceTests
{
    private const string Slot = "job/0";
    private const string Restored = "job/0/chk-0000000009-aa";

    [Fact]
    public void Those_folders_are_chosen_that_hold_most() => Assert.Equal(
        ["chk-0000000009-aa", "chk-0000000003-aa"],
        ReferenceChoice.Choose(Slot, Restored, Edges(("channel-0", 40), ("../chk-0000000003-aa/channel-0", 60), ("channel-1", 30), ("../chk-0000000004-aa/channel-0", 50)), Settings(bytesMin: 0, foldersMax: 2)).OrderDescending(StringComparer.Ordinal));

    [Fact]
    public void One_that_holds_little_is_not_kept_for_it() => Assert.Equal(
        ["chk-0000000009-aa"],
        ReferenceChoice.Choose(Slot, Restored, Edges(("channel-0", 40), ("channel-1", 40), ("../chk-0000000003-aa/channel-0", 60)), Settings(bytesMin: 80, foldersMax: 2)));

    [Theory]
    [InlineData("job/sp-mine")]
    [InlineData("elsewhere/chk-0000000009-aa")]
    public void What_lies_elsewhere_than_later_checkpoints_is_somebody_elses(string folder) =>
        Assert.Empty(ReferenceChoice.Choose(Slot, folder, Edges(("channel-0", 40)), Settings(bytesMin: 0, foldersMax: 2)));

    private static JobSettings Settings(long bytesMin, int foldersMax) => new() { Name = "job", ReferencedBytesMin = bytesMin, ReferencedFoldersMax = foldersMax };

    private static IReadOnlyList<EdgeMetadata> Edges(params (string File, int Bytes)[] segments) =>
    [
        new()
        {
            EdgeId = "a->b#0",
            RecordCodec = Codec.Int64.Id,
            Channels =
            [
                new()
                {
                    From = 0,
                    To = 0,
                    Segments = [.. segments.Select(segment => new InFlightSegment { Handle = new(segment.File, 0, segment.Bytes, 0), Records = 1, Bytes = segment.Bytes })],
                },
            ],
        },
    ];
}
