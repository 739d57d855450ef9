using System.ComponentModel.DataAnnotations;

namespace Weir.Hosting;

/// <summary>The embedded broker of a program that has one. Its data lies in memory and is lost on exit: for first steps, never for production.</summary>
public sealed class SandboxOptions
{
    /// <summary>Whether it runs. By default only in the environment <c>Development</c>, where no Kafka is configured.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Its port on the loopback interface. 0, the default, takes a free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>Whether the program's sample input is written. By default where the embedded broker runs; true writes it to the Kafka that is configured, too.</summary>
    public bool? Feed { get; set; }

    /// <summary>Whether the program has an embedded broker at all.</summary>
    internal bool IsThere { get; set; }
}
