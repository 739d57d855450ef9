namespace Weir.Hosting;

/// <summary>What a setting is called in Flink: it may be set by that name as well, so that settings can be taken over as they are.</summary>
/// <param name="name">Flink's full key (nightlies.apache.org/flink, Configuration).</param>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
internal sealed class FlinkKeyAttribute(string name) : Attribute
{
    public string Name => name;

    /// <summary>What <c>true</c> means, where Flink has a flag and Weir has words; else null.</summary>
    public string? True { get; init; }

    /// <summary>What <c>false</c> means then.</summary>
    public string? False { get; init; }

    /// <summary>The value in Weir's words.</summary>
    public string? Translate(string? value) =>
        True is not null && bool.TryParse(value, out bool flag) ? flag ? True : False : value;
}
