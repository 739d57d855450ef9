namespace Weir.StateStore;

/// <summary>Turns bytes that one codec wrote into those that another one reads: how what a checkpoint holds follows a changed type.</summary>
/// <param name="From">The codec that wrote them.</param>
/// <param name="To">The codec that reads them.</param>
internal abstract record CodecUpgrade(CodecId From, CodecId To)
{
    /// <summary>Appends the new bytes of one value.</summary>
    /// <exception cref="CodecException">The bytes are not what the old codec writes.</exception>
    public abstract void Run(ReadOnlySpan<byte> old, ByteArena output);

    /// <summary>First this one, then another.</summary>
    public CodecUpgrade Then(CodecUpgrade next) => new Chain(this, next);

    private sealed record Chain(CodecUpgrade First, CodecUpgrade Second) : CodecUpgrade(First.From, Second.To)
    {
        public override void Run(ReadOnlySpan<byte> old, ByteArena output)
        {
            var between = new ByteArena();
            First.Run(old, between);
            Second.Run(between.Written, output);
        }
    }
}

/// <summary>An upgrade from values of one type to values of another.</summary>
internal sealed record CodecUpgrade<TOld, TNew>(Codec<TOld> Old, Codec<TNew> New, Func<TOld, TNew> Upgrade) : CodecUpgrade(Old.Id, New.Id)
{
    public override void Run(ReadOnlySpan<byte> old, ByteArena output)
    {
        var upgraded = Upgrade(Old.Decode(old));
        New.Encode(in upgraded, default, output);
    }
}
