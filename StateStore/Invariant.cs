using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Weir.StateStore;

/// <summary>Checks of what must hold that stay on in Release; for the control plane, not for each record.</summary>
internal static class Invariant
{
    [StackTraceHidden]
    public static void Holds([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Invariant broken: {what}");
        }
    }
}
