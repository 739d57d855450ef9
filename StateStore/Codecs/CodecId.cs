namespace Weir;

/// <summary>Names what stored bytes mean; a checkpoint carries it, and a restore compares it.</summary>
/// <param name="Name">Stable for ever, e.g. <c>weir.int64</c> or <c>shop.order</c>; never a CLR type's name.</param>
/// <param name="Version">Raised when the bytes change their meaning.</param>
public readonly record struct CodecId(string Name, int Version)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} v{Version}";
}
