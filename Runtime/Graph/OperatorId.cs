namespace Weir.Runtime.Graph;

/// <summary>What a name must look like that becomes part of file, metric and edge names.</summary>
internal static class OperatorId
{
    private const int LengthMax = 100;

    /// <summary>The rule, as it stands in a sentence.</summary>
    public static string Form { get; } = $"1 to {LengthMax} letters, digits, '.', '_' and '-'";

    public static bool IsWellFormed(string id) => id.Length is > 0 and <= LengthMax && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}
