namespace Weir.Sandbox.Wire;

/// <summary>Answers a request: reads it from the exchange, does what it asks, and writes the response's body there.</summary>
internal delegate ValueTask ApiHandler(Exchange exchange);

/// <summary>One API of the protocol.</summary>
/// <param name="Key">Its number.</param>
/// <param name="VersionMin">The oldest version that is spoken.</param>
/// <param name="VersionMax">The newest.</param>
/// <param name="FlexibleFrom">The first version with compact lengths and tagged fields (KIP-482).</param>
/// <param name="Handle">Answers it.</param>
internal sealed record Api(ApiKey Key, short VersionMin, short VersionMax, short FlexibleFrom, ApiHandler Handle)
{
    public bool Speaks(short version) => version >= VersionMin && version <= VersionMax;

    public bool IsFlexible(short version) => version >= FlexibleFrom;
}
