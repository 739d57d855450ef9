using System.Globalization;
using System.Runtime.CompilerServices;

namespace Weir.Tests.Simulation;

/// <summary>An assertion whose text is made only where it fails: some are made for each record.</summary>
internal static class Demand
{
    public static void That(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref FailureText text)
    {
        if (!holds)
        {
            Assert.Fail(text.ToString());
        }
    }

    /// <summary>What the compiler makes of the text.</summary>
    [InterpolatedStringHandler]
    internal ref struct FailureText
    {
        private DefaultInterpolatedStringHandler _text;

        public FailureText(int literalLength, int formattedCount, bool holds, out bool isNeeded)
        {
            isNeeded = !holds;
            _text = isNeeded ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
        }

        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

        public override readonly string ToString() => _text.ToString();
    }
}
