namespace Weir.Runtime.Operators;

/// <summary>Where an operator of the user's sees the watermark.</summary>
internal interface IWatermarkView
{
    /// <summary>It has risen; or, when the subtask is restored, is this.</summary>
    void Show(long watermark);
}
