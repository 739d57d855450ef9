using System.ComponentModel.DataAnnotations;

namespace Weir.Hosting;

/// <summary>An account of Azure Blob Storage that checkpoints lie in; only looked at by a program that calls <c>AddAzureBlobCheckpoints</c>.</summary>
public sealed class AzureBlobOptions
{
    /// <summary>The account's address, such as <c>https://account.blob.core.windows.net</c>. Without <see cref="SasToken"/> the machine's own credential is used. Empty by default: checkpoints lie in the folder.</summary>
    public string ServiceUri { get; set; } = "";

    /// <summary>A shared access signature for <see cref="ServiceUri"/>, that may read, add, create, write, delete and list. A secret; empty by default.</summary>
    public string SasToken { get; set; } = "";

    /// <summary>A connection string instead of <see cref="ServiceUri"/>. A secret; empty by default.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>The container; it is made where it is missing. <c>weir-checkpoints</c> by default.</summary>
    [MinLength(3)]
    public string Container { get; set; } = "weir-checkpoints";

    /// <summary>A folder within the container that everything lies below. None by default.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Whether the program can use it.</summary>
    internal bool IsThere { get; set; }

    internal bool IsSet => ServiceUri.Length > 0 || ConnectionString.Length > 0;
}
