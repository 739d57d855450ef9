namespace Weir.Sandbox.Wire;

/// <summary>What stands in front of each request.</summary>
/// <param name="Key">Which API is asked; it may be one that is not spoken.</param>
/// <param name="Version">In which version.</param>
/// <param name="Correlation">Returned with the response.</param>
/// <param name="ClientId">What the client calls itself.</param>
/// <param name="Length">Bytes of the header.</param>
internal sealed record RequestHeader(ApiKey Key, short Version, int Correlation, string? ClientId, int Length)
{
    /// <summary>Reads the header of a frame; tagged fields of a flexible one are passed where the API is known.</summary>
    public static RequestHeader Read(ReadOnlySpan<byte> frame, Func<ApiKey, Api?> find)
    {
        var fixedPart = new RequestReader(frame, isFlexible: false);
        var key = (ApiKey)fixedPart.Int16();
        short version = fixedPart.Int16();
        int correlation = fixedPart.Int32();
        string? clientId = fixedPart.HeaderString();
        int length = frame.Length - fixedPart.Left;
        if (find(key) is { } api && api.Speaks(version) && api.IsFlexible(version))
        {
            var tags = new RequestReader(frame[length..], isFlexible: true);
            tags.Tags();
            length = frame.Length - tags.Left;
        }
        return new RequestHeader(key, version, correlation, clientId, length);
    }
}
