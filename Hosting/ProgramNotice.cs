namespace Weir.Hosting;

/// <summary>What everybody who looks at the program should know at any time: shown in its progress lines and its health.</summary>
/// <remarks>Thread: any.</remarks>
internal sealed class ProgramNotice
{
    private volatile string? _text;

    /// <summary>In a few words; null where there is nothing.</summary>
    public string? Text
    {
        get => _text;
        set => _text = value;
    }
}
